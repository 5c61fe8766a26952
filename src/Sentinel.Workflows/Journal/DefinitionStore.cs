using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Sentinel.Postgres.Access;

namespace Sentinel.Workflows.Journal;

sealed record StoredDefinition(Guid VersionId, bool IsShipped, int Version, string Json);

/// <summary>Versions of definitions: the organisation's own come before those that ship.</summary>
static class DefinitionStore
{
    /// <summary>The newest published version, or null.</summary>
    public static async Task<StoredDefinition?> FindPublishedAsync(
        PresentedTransaction work,
        string definitionId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT d.id, false AS is_shipped, d.version, d.json
            FROM workflow.workflow_definitions d
            JOIN workflow.workflow_publications p
              ON p.organisation_id = d.organisation_id AND p.version_id = d.id
            WHERE d.definition_id = $1
            UNION ALL
            SELECT id, true, version, json FROM workflow.shipped_definitions WHERE definition_id = $1
            ORDER BY is_shipped, version DESC
            LIMIT 1
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(definitionId);
        return await ReadOneAsync(command, cancellation);
    }

    /// <summary>The version of each workflow that new instances start with.</summary>
    public static async Task<IReadOnlyList<Guid>> AllPublishedAsync(
        PresentedTransaction work,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT DISTINCT ON (definition_id) id FROM (
                SELECT d.id, d.definition_id, false AS is_shipped, d.version
                FROM workflow.workflow_definitions d
                JOIN workflow.workflow_publications p
                  ON p.organisation_id = d.organisation_id AND p.version_id = d.id
                UNION ALL
                SELECT id, definition_id, true, version FROM workflow.shipped_definitions) AS published
            ORDER BY definition_id, is_shipped, version DESC
            """;
        await using var command = work.Command(sql);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<Guid> all = [];
        while (await reader.ReadAsync(cancellation))
            all.Add(reader.GetGuid(0));
        return all;
    }

    public static async Task<StoredDefinition?> FindAsync(
        PresentedTransaction work,
        Guid versionId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT id, false, version, json FROM workflow.workflow_definitions WHERE id = $1
            UNION ALL
            SELECT id, true, version, json FROM workflow.shipped_definitions WHERE id = $1
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(versionId);
        return await ReadOneAsync(command, cancellation);
    }

    /// <summary>The organisation's newest version, or that version, published or not.</summary>
    public static async Task<StoredDefinition?> FindVersionAsync(
        PresentedTransaction work,
        string definitionId,
        int? version,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT id, false, version, json FROM workflow.workflow_definitions
            WHERE definition_id = $1 AND version = coalesce($2, version)
            ORDER BY version DESC LIMIT 1
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(definitionId);
        command.Parameters.AddWithValue(
            NpgsqlTypes.NpgsqlDbType.Integer,
            (object?)version ?? DBNull.Value
        );
        return await ReadOneAsync(command, cancellation);
    }

    /// <summary>The newest version, published or not: the organisation's own, else the one that ships.</summary>
    public static async Task<StoredDefinition?> FindNewestAsync(
        PresentedTransaction work,
        string definitionId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT id, false AS is_shipped, version, json FROM workflow.workflow_definitions
            WHERE definition_id = $1
            UNION ALL
            SELECT id, true, version, json FROM workflow.shipped_definitions WHERE definition_id = $1
            ORDER BY is_shipped, version DESC LIMIT 1
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(definitionId);
        return await ReadOneAsync(command, cancellation);
    }

    public static async Task<bool> IsPublishedAsync(
        PresentedTransaction work,
        Guid versionId,
        CancellationToken cancellation
    )
    {
        await using var command = work.Command(
            "SELECT EXISTS (SELECT FROM workflow.workflow_publications WHERE version_id = $1)"
        );
        command.Parameters.AddWithValue(versionId);
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    public static async Task InsertAsync(
        PresentedTransaction work,
        StoredDefinition definition,
        string definitionId,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO workflow.workflow_definitions
                (id, organisation_id, definition_id, version, json, sha256, author_id, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(definition.VersionId);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(definitionId);
        command.Parameters.AddWithValue(definition.Version);
        command.Parameters.AddWithValue(definition.Json);
        command.Parameters.AddWithValue(Sha256(definition.Json));
        command.Parameters.AddWithValue(work.Actor.Id);
        command.Parameters.AddWithValue(now);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>The newest that ships, as the migrating user sees it.</summary>
    public static async Task<StoredDefinition?> FindShippedAsync(
        NpgsqlConnection owner,
        string definitionId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT id, true, version, json FROM workflow.shipped_definitions WHERE definition_id = $1
            ORDER BY version DESC LIMIT 1
            """;
        await using var command = new NpgsqlCommand(sql, owner);
        command.Parameters.AddWithValue(definitionId);
        return await ReadOneAsync(command, cancellation);
    }

    public static async Task ShipAsync(
        NpgsqlConnection owner,
        StoredDefinition definition,
        string definitionId,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO workflow.shipped_definitions (id, definition_id, version, json, sha256, created_at)
            VALUES ($1, $2, $3, $4, $5, $6)
            """;
        await using var command = new NpgsqlCommand(sql, owner);
        command.Parameters.AddWithValue(definition.VersionId);
        command.Parameters.AddWithValue(definitionId);
        command.Parameters.AddWithValue(definition.Version);
        command.Parameters.AddWithValue(definition.Json);
        command.Parameters.AddWithValue(Sha256(definition.Json));
        command.Parameters.AddWithValue(now);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>False where it had been published before.</summary>
    public static async Task<bool> PublishAsync(
        PresentedTransaction work,
        StoredDefinition definition,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO workflow.workflow_publications (organisation_id, version_id, approver_id, published_at)
            VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(definition.VersionId);
        command.Parameters.AddWithValue(work.Actor.Id);
        command.Parameters.AddWithValue(now);
        return await command.ExecuteNonQueryAsync(cancellation) == 1;
    }

    public static string Sha256(string json) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json)));

    static async Task<StoredDefinition?> ReadOneAsync(
        NpgsqlCommand command,
        CancellationToken cancellation
    )
    {
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? new StoredDefinition(
                reader.GetGuid(0),
                reader.GetBoolean(1),
                reader.GetInt32(2),
                reader.GetString(3)
            )
            : null;
    }
}
