using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Cases;

/// <summary>
/// A person accepts the severity that was proposed, or changes it, with a reason. What was proposed
/// stays with the case, and so does every decision; the latest one holds.
/// </summary>
public sealed class SetSeverity(SentinelDatabase database, TimeProvider clock)
{
    const int SeverityMax = 10;

    public Task<Outcome<Case>> RunAsync(
        Secret secret,
        Guid caseId,
        int severity,
        string reason,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("case.set_severity", "case", caseId, caseId),
            work => InAsync(work, caseId, severity, reason, cancellation),
            cancellation
        );

    async Task<Outcome<Case>> InAsync(
        PresentedTransaction work,
        Guid caseId,
        int severity,
        string reason,
        CancellationToken cancellation
    )
    {
        if (await CaseStore.LockAsync(work, caseId, cancellation) is null)
            return new Outcome<Case>.NotFound($"case {caseId}");
        var refusal =
            await PermissionStore.UnlessPersonMayAsync(
                work,
                "case.set_severity",
                "case.set_severity",
                cancellation
            )
            ?? OffTheScale(severity)
            ?? ReasonGiven.Missing("case.set_severity", reason);
        if (refusal is not null)
            return new Outcome<Case>.Declined(refusal);
        const string sql = """
            INSERT INTO psa.case_severities
                (id, organisation_id, case_id, severity, reason, decided_by, decided_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """;
        var now = clock.GetUtcNow();
        await using var command = work.Command(sql)
            .With(
                Guid.CreateVersion7(now),
                work.Actor.OrganisationId,
                caseId,
                severity,
                reason,
                work.Actor.Id,
                now
            );
        await command.ExecuteNonQueryAsync(cancellation);
        await ProposalStore.SettleAsync(work, caseId, severity, reason, now, cancellation);
        var found = await CaseStore.FindAsync(work, caseId, cancellation);
        return new Outcome<Case>.Done(found!);
    }

    /// <summary>0 to 10: low to 3, medium to 6, high to 8, critical above.</summary>
    internal static RuleRefusal? OffTheScale(int severity) =>
        severity is >= 0 and <= SeverityMax
            ? null
            : new RuleRefusal(
                "case.severity.scale",
                $"a severity is 0 to {SeverityMax}, and this is {severity}",
                "the same person, with a severity on the scale"
            );
}
