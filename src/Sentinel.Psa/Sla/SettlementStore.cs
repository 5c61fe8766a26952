using Sentinel.Policies.Model;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Sla;

/// <summary>
/// Writes down what the clocks of a case did up to now: each mark with its own moment, whom it was told
/// to, and the copy that is searched by. What is written before is never written again.
/// </summary>
static class SettlementStore
{
    /// <returns>How many marks are new.</returns>
    public static async Task<int> SettleAsync(
        PresentedTransaction work,
        Guid caseId,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var log = await SlaStore.LogAsync(work, caseId, cancellation);
        if (log.Count == 0)
            return 0;
        var clock = SlaClock.Read(log, now);
        var written = 0;
        foreach (var mark in clock.Marks)
        {
            if (!await MarkAsync(work, caseId, mark, now, cancellation))
                continue;
            written++;
            var terms = log[mark.Entry - 1].Terms!;
            await ActAsync(work, caseId, mark, terms, clock.Resolution is null, now, cancellation);
        }
        await CopyAsync(work, caseId, clock, cancellation);
        await DueAsync(work, caseId, clock, cancellation);
        return written;
    }

    static async Task<bool> MarkAsync(
        PresentedTransaction work,
        Guid caseId,
        SlaMark mark,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO psa.sla_marks
                (organisation_id, case_id, entry_sequence, mark, at, noticed_at, created_by)
            VALUES ($1, $2, $3, $4, $5, greatest($5, $6), $7) ON CONFLICT DO NOTHING
            """;
        var organisation = work.Actor.OrganisationId;
        await using var command = work.Command(sql)
            .With(organisation, caseId, mark.Entry, mark.Name, mark.At, now, work.Actor.Id);
        return await command.ExecuteNonQueryAsync(cancellation) == 1;
    }

    static async Task ActAsync(
        PresentedTransaction work,
        Guid caseId,
        SlaMark mark,
        SlaTerms terms,
        bool isUnresolved,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        if (mark.Name == SlaMark.Warned)
            await NoticeStore.TellAsync(work, caseId, "warned", now, cancellation);
        else if (mark.Name is SlaMark.ResponseBreached or SlaMark.ResolutionBreached)
            await NoticeStore.TellAsync(work, caseId, "breached", now, cancellation);
        foreach (var step in SlaClock.StepsOf(terms, mark.Name))
        {
            await NoticeStore.TellAsync(work, caseId, mark.Name, step.Notify, now, cancellation);
            // Where a resolved case waits is for whoever attests it to say.
            if (step.Queue is { } queue && isUnresolved)
                await QueueAsync(work, caseId, queue, cancellation);
        }
    }

    static async Task QueueAsync(
        PresentedTransaction work,
        Guid caseId,
        string queue,
        CancellationToken cancellation
    )
    {
        const string moved = """
            UPDATE psa.cases c SET queue_id = q.id FROM psa.queues q
            WHERE c.id = $1 AND q.organisation_id = c.organisation_id AND q.name = $2
            """;
        await using var move = work.Command(moved).With(caseId, queue);
        await move.ExecuteNonQueryAsync(cancellation);
    }

    static async Task CopyAsync(
        PresentedTransaction work,
        Guid caseId,
        SlaClock clock,
        CancellationToken cancellation
    )
    {
        const string sql = """
            UPDATE psa.case_sla s SET response_due_at = $2, resolution_due_at = $3, warn_at = $4,
                response_breached_at = $5, resolution_breached_at = $6, breached_at = least($5, $6),
                breached = coalesce($5, $6) IS NOT NULL,
                sla_id = (SELECT sla_id FROM psa.sla_entries WHERE case_id = $1 AND terms IS NOT NULL
                    ORDER BY sequence DESC LIMIT 1)
            WHERE case_id = $1
            """;
        await using var command = work.Command(sql)
            .With(
                caseId,
                clock.DueAt(SlaClockOf.Respond),
                clock.DueAt(SlaClockOf.Resolve),
                clock.WarnAt,
                clock.BreachedAt(SlaClockOf.Respond),
                clock.BreachedAt(SlaClockOf.Resolve)
            );
        foreach (var time in command.Parameters.Skip(1))
            time.NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz;
        await command.ExecuteNonQueryAsync(cancellation);
    }

    static async Task DueAsync(
        PresentedTransaction work,
        Guid caseId,
        SlaClock clock,
        CancellationToken cancellation
    )
    {
        const string sql = """
            UPDATE psa.sla_due SET next_at = $2, settled_until = greatest(settled_until, $3)
            WHERE case_id = $1
            """;
        await using var command = work.Command(sql).With(caseId, clock.NextAt, clock.Now);
        command.Parameters[1].NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz;
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
