using Npgsql;
using NpgsqlTypes;
using Sentinel.Policies.Model;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;

namespace Sentinel.Policies.Store;

/// <summary>Published policy text, for whoever may read the schema policy.</summary>
public static class PolicyStore
{
    const string Columns = """
        v.id, v.path, v.text, v.version, v.author, v.created_at,
        v.author = '00000000-0000-0000-0000-000000000000' OR a.id IS NOT NULL,
        v.id IN (SELECT DISTINCT ON (w.path) w.id
            FROM policy.policy_activations x JOIN policy.policy_versions w
                ON w.organisation_id = x.organisation_id AND w.id = x.policy_version_id
            WHERE x.organisation_id = $1 ORDER BY w.path, x.position DESC),
        v.reason, v.logic_sha256, coalesce((v.logic ->> 'format')::integer, 0),
        a.approver, a.reason, a.approved_at
        """;

    const string Source = """
         FROM policy.policy_versions v LEFT JOIN policy.policy_approvals a
            ON a.organisation_id = v.organisation_id AND a.policy_version_id = v.id

        """;

    /// <summary>
    /// What is active, one version for each path, in the order of the paths: what detection runs and
    /// casework reads. Each was compiled again, and gave what is stored beside it.
    /// </summary>
    /// <exception cref="OperationFailedException">A text compiles to something else.</exception>
    public static async Task<IReadOnlyList<PolicyVersion>> LoadActiveAsync(
        NpgsqlConnection connection,
        Guid organisationId,
        CancellationToken cancellation = default
    )
    {
        const string sql =
            "SELECT "
            + Columns
            + Source
            + """
                WHERE v.organisation_id = $1 AND v.id IN (SELECT DISTINCT ON (w.path) w.id
                    FROM policy.policy_activations x JOIN policy.policy_versions w
                        ON w.organisation_id = x.organisation_id AND w.id = x.policy_version_id
                    WHERE x.organisation_id = $1 ORDER BY w.path, x.position DESC)
                ORDER BY v.path COLLATE "C"
                """;
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddWithValue(organisationId);
        var active = await ReadAsync(command, cancellation);
        CompiledAgain.Check(active);
        return active;
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
            + Source
            + """
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
            + Source
            + """
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
                (organisation_id, id, path, version, text, sha256, logic, author, created_at, reason)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
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
        command.Parameters.AddWithValue(NpgsqlDbType.Text, (object?)version.Reason ?? DBNull.Value);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    internal static async Task InsertApprovalAsync(
        NpgsqlConnection connection,
        Guid organisationId,
        Guid versionId,
        PolicyApproval approval,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO policy.policy_approvals
                (organisation_id, id, policy_version_id, approver, approved_at, reason)
            VALUES ($1, $2, $3, $4, $5, $6)
            """;
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddWithValue(organisationId);
        command.Parameters.AddWithValue(Guid.CreateVersion7(approval.ApprovedAt));
        command.Parameters.AddWithValue(versionId);
        command.Parameters.AddWithValue(approval.Approver);
        command.Parameters.AddWithValue(approval.ApprovedAt);
        command.Parameters.AddWithValue(
            NpgsqlDbType.Text,
            (object?)approval.Reason ?? DBNull.Value
        );
        await command.ExecuteNonQueryAsync(cancellation);
    }

    internal static async Task InsertTestRunAsync(
        PresentedTransaction work,
        PolicyVersion version,
        string setSha256,
        PolicyTestCount count,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO policy.policy_test_runs (organisation_id, id, policy_version_id, sha256,
                set_sha256, tests, failed, rules_untested, run_by, ran_at)
            VALUES ($1, gen_random_uuid(), $2, $3, $4, $5, $6, $7, $8, clock_timestamp())
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(version.Id);
        command.Parameters.AddWithValue(version.Text.Sha256);
        command.Parameters.AddWithValue(setSha256);
        command.Parameters.AddWithValue(count.Tests);
        command.Parameters.AddWithValue(count.Failed);
        command.Parameters.AddWithValue(count.RulesUntested.Count);
        command.Parameters.AddWithValue(work.Actor.Id);
        await command.ExecuteNonQueryAsync(cancellation);
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
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddWithValue(organisationId);
        command.Parameters.AddWithValue(Guid.CreateVersion7(now));
        command.Parameters.AddWithValue(versionId);
        command.Parameters.AddWithValue(activatedBy);
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
                {
                    Reason = TextOrNull(reader, 8),
                    LogicSha256 = reader.GetString(9),
                    LogicFormat = reader.GetInt32(10),
                    ApprovalMade = reader.IsDBNull(11)
                        ? null
                        : new PolicyApproval(
                            reader.GetGuid(11),
                            TextOrNull(reader, 12),
                            reader.GetFieldValue<DateTimeOffset>(13)
                        ),
                }
            );
        return versions;
    }

    static string? TextOrNull(NpgsqlDataReader reader, int ordinal) =>
        reader.IsDBNull(ordinal) ? null : reader.GetString(ordinal);
}
