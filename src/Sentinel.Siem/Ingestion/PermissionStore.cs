using System.Text.Json;
using NpgsqlTypes;
using Sentinel.Postgres.Access;

namespace Sentinel.Siem.Ingestion;

static class PermissionStore
{
    /// <summary>
    /// Null where the presented actor may, else why not, as a sentence. To be asked before anything
    /// else: a refusal is written to the audit log, and that ends the transaction.
    /// </summary>
    public static async Task<string?> RefusalAsync(
        PresentedTransaction work,
        string permission,
        CancellationToken cancellation
    )
    {
        await using var command = work.Command("SELECT access.permitted($1)");
        command.Parameters.AddWithValue(permission);
        if (await command.ExecuteScalarAsync(cancellation) is true)
            return null;
        var reason =
            $"This credential does not permit {permission}: ask an administrator for a role that does.";
        await NoteAsync(work, permission, reason, cancellation);
        return reason;
    }

    static async Task NoteAsync(
        PresentedTransaction work,
        string permission,
        string reason,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO siem.audit_log (organisation_id, action, entity_type, entity_id, metadata)
            VALUES ($1, $2, 'credential', $3, $4)
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(permission + ".refused");
        command.Parameters.AddWithValue(work.Actor.CredentialId);
        command.Parameters.AddWithValue(
            NpgsqlDbType.Jsonb,
            JsonSerializer.Serialize(new { rule = "permission.missing", reason })
        );
        await command.ExecuteNonQueryAsync(cancellation);
        await work.CommitAsync(cancellation);
    }
}
