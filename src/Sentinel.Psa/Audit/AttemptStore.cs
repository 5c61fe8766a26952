using System.Text.Json.Nodes;
using Npgsql;
using NpgsqlTypes;
using Sentinel.Postgres.Access;

namespace Sentinel.Psa.Audit;

/// <summary>What somebody tries, as the audit log names it where it is refused.</summary>
/// <param name="Action">Noun and verb: <c>case.close</c>.</param>
/// <param name="SubjectId">The case whose story it belongs to, or null.</param>
sealed record Deed(string Action, string EntityType, Guid? EntityId, Guid? SubjectId);

/// <summary>
/// The frame of every use case that writes: one transaction under the presented credential, committed
/// where it was done. A refusal leaves nothing but its own row in the audit log.
/// </summary>
static class AttemptStore
{
    /// <summary>The code under which the database's own guards refuse.</summary>
    const string RefusedByRule = "SNR01";

    public static async Task<Outcome<T>> RunAsync<T>(
        NpgsqlDataSource database,
        Secret secret,
        Deed deed,
        Func<PresentedTransaction, Task<Outcome<T>>> attempt,
        CancellationToken cancellation
    )
    {
        Outcome<T> outcome;
        await using (
            var work = await PresentedTransaction.BeginAsync(database, secret, cancellation)
        )
        {
            try
            {
                outcome = await attempt(work);
                if (outcome is Outcome<T>.Done)
                    await work.CommitAsync(cancellation);
            }
            catch (PostgresException refused) when (refused.SqlState == RefusedByRule)
            {
                // The database is the last to be asked; what it says is a refusal like any other.
                outcome = new Outcome<T>.Declined(Told(refused));
            }
        }
        if (outcome is Outcome<T>.Declined no)
            await NoteAsync(database, secret, deed, no.Why, cancellation);
        return outcome;
    }

    static RuleRefusal Told(PostgresException refused)
    {
        var rule = refused.ConstraintName ?? "database";
        var prefix = rule + ": ";
        var reason = refused.MessageText.StartsWith(prefix, StringComparison.Ordinal)
            ? refused.MessageText[prefix.Length..]
            : refused.MessageText;
        return new RuleRefusal(rule, reason, refused.Hint);
    }

    static async Task NoteAsync(
        NpgsqlDataSource database,
        Secret secret,
        Deed deed,
        RuleRefusal refusal,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT psa.note_refusal($1, $2, $3, coalesce($4,
                (SELECT case_id FROM psa.tasks WHERE id = $3),
                (SELECT case_id FROM psa.approvals WHERE id = $3),
                (SELECT case_id FROM psa.evidence_items WHERE id = $3)), $5)
            """;
        await using var work = await PresentedTransaction.BeginAsync(
            database,
            secret,
            cancellation
        );
        var detail = new JsonObject
        {
            ["rule"] = refusal.Rule,
            ["reason"] = refusal.Reason,
            ["instead"] = refusal.Instead,
        };
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(deed.Action);
        command.Parameters.AddWithValue(deed.EntityType);
        command.Parameters.AddWithValue(NpgsqlDbType.Uuid, (object?)deed.EntityId ?? DBNull.Value);
        command.Parameters.AddWithValue(NpgsqlDbType.Uuid, (object?)deed.SubjectId ?? DBNull.Value);
        command.Parameters.AddWithValue(NpgsqlDbType.Jsonb, detail.ToJsonString());
        await command.ExecuteNonQueryAsync(cancellation);
        await work.CommitAsync(cancellation);
    }
}
