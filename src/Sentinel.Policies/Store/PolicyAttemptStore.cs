using Npgsql;
using NpgsqlTypes;
using Sentinel.Postgres.Access;

namespace Sentinel.Policies.Store;

/// <summary>
/// The frame of what people do with policies: one transaction under the presented credential. A rule
/// of the house refuses in the database, so that raw SQL meets it too; the attempt is noted.
/// </summary>
static class PolicyAttemptStore
{
    /// <summary>The code under which the database's guards refuse.</summary>
    const string RefusedByRule = "SNR01";

    public static async Task<T> RunAsync<T>(
        NpgsqlDataSource database,
        Secret secret,
        string action,
        Func<PresentedTransaction, Task<T>> attempt,
        Func<T, bool> commits,
        Func<string, string, T> refused,
        CancellationToken cancellation
    )
    {
        string rule;
        string reason;
        await using (
            var work = await PresentedTransaction.BeginAsync(database, secret, cancellation)
        )
        {
            try
            {
                var outcome = await attempt(work);
                if (commits(outcome))
                    await work.CommitAsync(cancellation);
                return outcome;
            }
            catch (PostgresException no) when (no.SqlState == RefusedByRule)
            {
                rule = no.ConstraintName ?? action;
                reason = no.Hint is null ? no.MessageText : $"{no.MessageText} ({no.Hint})";
            }
        }
        await NoteAsync(database, secret, action, rule, reason, cancellation);
        return refused(rule, reason);
    }

    static async Task NoteAsync(
        NpgsqlDataSource database,
        Secret secret,
        string action,
        string rule,
        string reason,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT psa.note_refusal($1, 'policy', NULL, NULL,
                jsonb_build_object('rule', $2::text, 'reason', $3::text))
            """;
        await using var work = await PresentedTransaction.BeginAsync(
            database,
            secret,
            cancellation
        );
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(action);
        command.Parameters.AddWithValue(NpgsqlDbType.Text, rule);
        command.Parameters.AddWithValue(NpgsqlDbType.Text, reason);
        await command.ExecuteNonQueryAsync(cancellation);
        await work.CommitAsync(cancellation);
    }
}
