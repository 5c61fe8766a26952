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
        return outcome is Outcome<T>.Declined no
            ? new Outcome<T>.Declined(
                await NotedAsync(database, secret, deed, no.Why, cancellation)
            )
            : outcome;
    }

    /// <summary>The same of a use case that only reads, for whoever has the permission.</summary>
    public static Task<Outcome<T>> ReadAsync<T>(
        NpgsqlDataSource database,
        Secret secret,
        Deed deed,
        string permission,
        Func<PresentedTransaction, Task<Outcome<T>>> read,
        CancellationToken cancellation
    ) =>
        RunAsync(
            database,
            secret,
            deed,
            async work =>
                await PermissionStore.LackingAsync(work, permission, cancellation) is { } refusal
                    ? new Outcome<T>.Declined(refusal)
                    : await read(work),
            cancellation
        );

    /// <summary>The same where there is always an answer, if an empty one.</summary>
    public static Task<Outcome<IReadOnlyList<T>>> ListAsync<T>(
        NpgsqlDataSource database,
        Secret secret,
        Deed deed,
        string permission,
        Func<PresentedTransaction, Task<IReadOnlyList<T>>> read,
        CancellationToken cancellation
    ) =>
        ReadAsync<IReadOnlyList<T>>(
            database,
            secret,
            deed,
            permission,
            async work => new Outcome<IReadOnlyList<T>>.Done(await read(work)),
            cancellation
        );

    static RuleRefusal Told(PostgresException refused)
    {
        var rule = refused.ConstraintName ?? "database";
        var prefix = rule + ": ";
        var reason = refused.MessageText.StartsWith(prefix, StringComparison.Ordinal)
            ? refused.MessageText[prefix.Length..]
            : refused.MessageText;
        return new RuleRefusal(rule, reason, refused.Hint);
    }

    /// <summary>The refusal as it is told and kept, with who could do it instead.</summary>
    static async Task<RuleRefusal> NotedAsync(
        NpgsqlDataSource database,
        Secret secret,
        Deed deed,
        RuleRefusal refusal,
        CancellationToken cancellation
    )
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database,
            secret,
            cancellation
        );
        var subjectId = deed.SubjectId ?? await CaseOfAsync(work, deed.EntityId, cancellation);
        var told = await AbleStore.NamedAsync(work, refusal, subjectId, cancellation);
        var detail = new JsonObject
        {
            ["rule"] = told.Rule,
            ["reason"] = told.Reason,
            ["instead"] = told.Instead,
        };
        await using var command = work.Command("SELECT psa.note_refusal($1, $2, $3, $4, $5)");
        command.Parameters.AddWithValue(deed.Action);
        command.Parameters.AddWithValue(deed.EntityType);
        command.Parameters.AddWithValue(NpgsqlDbType.Uuid, (object?)deed.EntityId ?? DBNull.Value);
        command.Parameters.AddWithValue(NpgsqlDbType.Uuid, (object?)subjectId ?? DBNull.Value);
        command.Parameters.AddWithValue(NpgsqlDbType.Jsonb, detail.ToJsonString());
        await command.ExecuteNonQueryAsync(cancellation);
        await work.CommitAsync(cancellation);
        return told;
    }

    /// <summary>Of a task, an approval or a piece of evidence the case that it belongs to.</summary>
    static async Task<Guid?> CaseOfAsync(
        PresentedTransaction work,
        Guid? entityId,
        CancellationToken cancellation
    )
    {
        if (entityId is null)
            return null;
        const string sql = """
            SELECT coalesce((SELECT case_id FROM psa.tasks WHERE id = $1),
                (SELECT case_id FROM psa.approvals WHERE id = $1),
                (SELECT case_id FROM psa.evidence_items WHERE id = $1))
            """;
        await using var command = work.Command(sql).With(entityId);
        return await command.ExecuteScalarAsync(cancellation) as Guid?;
    }
}
