using Npgsql;
using NpgsqlTypes;
using Sentinel.Policies.Model;

namespace Sentinel.Policies.Store;

/// <summary>Published policy text, for whoever may read the schema policy.</summary>
public static class PolicyStore
{
    const string Columns = """
        v.id, v.path, v.text, v.version, v.author, v.created_at,
        v.author = '00000000-0000-0000-0000-000000000000' OR EXISTS (
            SELECT FROM policy.policy_approvals a
            WHERE a.organisation_id = v.organisation_id AND a.policy_version_id = v.id),
        v.id IN (SELECT DISTINCT ON (w.path) w.id
            FROM policy.policy_activations x JOIN policy.policy_versions w
                ON w.organisation_id = x.organisation_id AND w.id = x.policy_version_id
            WHERE x.organisation_id = $1 ORDER BY w.path, x.position DESC)
        """;

    /// <summary>
    /// What is active, one version for each path, in the order of the paths: what detection runs and
    /// casework reads.
    /// </summary>
    public static async Task<IReadOnlyList<PolicyVersion>> LoadActiveAsync(
        NpgsqlConnection connection,
        Guid organisationId,
        CancellationToken cancellation = default
    )
    {
        const string sql =
            "SELECT "
            + Columns
            + """
                 FROM policy.policy_versions v
                WHERE v.organisation_id = $1 AND v.id IN (SELECT DISTINCT ON (w.path) w.id
                    FROM policy.policy_activations x JOIN policy.policy_versions w
                        ON w.organisation_id = x.organisation_id AND w.id = x.policy_version_id
                    WHERE x.organisation_id = $1 ORDER BY w.path, x.position DESC)
                ORDER BY v.path COLLATE "C"
                """;
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddWithValue(organisationId);
        return await ReadAsync(command, cancellation);
    }

    /// <summary>Every version of one path, or of all, the latest first.</summary>
    public static async Task<IReadOnlyList<PolicyVersion>> HistoryAsync(
        NpgsqlConnection connection,
        Guid organisationId,
        string? path,
        CancellationToken cancellation = default
    )
    {
        const string sql =
            "SELECT "
            + Columns
            + """
                 FROM policy.policy_versions v
                WHERE v.organisation_id = $1 AND ($2::text IS NULL OR v.path = $2)
                ORDER BY v.path COLLATE "C", v.version DESC
                """;
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddWithValue(organisationId);
        command.Parameters.AddWithValue(NpgsqlDbType.Text, (object?)path ?? DBNull.Value);
        return await ReadAsync(command, cancellation);
    }

    /// <summary>The versions with these hashes, whether still active or not: what ran when something was found.</summary>
    public static async Task<IReadOnlyList<PolicyVersion>> FindByHashAsync(
        NpgsqlConnection connection,
        Guid organisationId,
        IReadOnlyList<string> sha256,
        CancellationToken cancellation = default
    )
    {
        const string sql =
            "SELECT "
            + Columns
            + """
                 FROM policy.policy_versions v
                WHERE v.organisation_id = $1 AND v.sha256 = ANY ($2)
                ORDER BY v.path COLLATE "C", v.version DESC
                """;
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddWithValue(organisationId);
        command.Parameters.AddWithValue(sha256.ToArray());
        return await ReadAsync(command, cancellation);
    }

    internal static async Task InsertVersionAsync(
        NpgsqlConnection connection,
        Guid organisationId,
        PolicyVersion version,
        string logic,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO policy.policy_versions
                (organisation_id, id, path, version, text, sha256, logic, author, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """;
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddWithValue(organisationId);
        command.Parameters.AddWithValue(version.Id);
        command.Parameters.AddWithValue(version.Text.Path);
        command.Parameters.AddWithValue(version.Version);
        command.Parameters.AddWithValue(version.Text.Text);
        command.Parameters.AddWithValue(version.Text.Sha256);
        command.Parameters.AddWithValue(NpgsqlDbType.Jsonb, logic);
        command.Parameters.AddWithValue(version.Author);
        command.Parameters.AddWithValue(version.CreatedAt);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    internal static async Task InsertApprovalAsync(
        NpgsqlConnection connection,
        Guid organisationId,
        Guid versionId,
        Guid approver,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO policy.policy_approvals
                (organisation_id, id, policy_version_id, approver, approved_at)
            VALUES ($1, $2, $3, $4, $5)
            """;
        await InsertAsync(connection, sql, organisationId, versionId, approver, now, cancellation);
    }

    internal static async Task InsertActivationAsync(
        NpgsqlConnection connection,
        Guid organisationId,
        Guid versionId,
        Guid activatedBy,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO policy.policy_activations
                (organisation_id, id, policy_version_id, activated_by, activated_at)
            VALUES ($1, $2, $3, $4, $5)
            """;
        await InsertAsync(
            connection,
            sql,
            organisationId,
            versionId,
            activatedBy,
            now,
            cancellation
        );
    }

    static async Task InsertAsync(
        NpgsqlConnection connection,
        string sql,
        Guid organisationId,
        Guid versionId,
        Guid actor,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddWithValue(organisationId);
        command.Parameters.AddWithValue(Guid.CreateVersion7(now));
        command.Parameters.AddWithValue(versionId);
        command.Parameters.AddWithValue(actor);
        command.Parameters.AddWithValue(now);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    static async Task<IReadOnlyList<PolicyVersion>> ReadAsync(
        NpgsqlCommand command,
        CancellationToken cancellation
    )
    {
        var versions = new List<PolicyVersion>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            versions.Add(
                new PolicyVersion(
                    reader.GetGuid(0),
                    new PolicyText(reader.GetString(1), reader.GetString(2)),
                    reader.GetInt32(3),
                    reader.GetGuid(4),
                    reader.GetFieldValue<DateTimeOffset>(5),
                    reader.GetBoolean(6),
                    reader.GetBoolean(7)
                )
            );
        return versions;
    }
}
