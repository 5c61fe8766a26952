using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Sla;

namespace Sentinel.Psa.Cases;

/// <summary>A person says that the work is done. That is a claim about their own work: others attest it.</summary>
public sealed class ResolveCase(SentinelDatabase database, TimeProvider clock)
{
    public Task<Outcome<Case>> RunAsync(
        Secret secret,
        Guid caseId,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("case.resolve", "case", caseId, caseId),
            work => InAsync(work, caseId, cancellation),
            cancellation
        );

    async Task<Outcome<Case>> InAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        if (await CaseStore.LockAsync(work, caseId, cancellation) is not { } found)
            return new Outcome<Case>.NotFound($"case {caseId}");
        var refusal =
            await PermissionStore.UnlessPersonMayAsync(
                work,
                "case.resolve",
                "case.resolve",
                cancellation
            ) ?? CaseRules.Step(found, CaseTrigger.Resolve, work.Actor);
        if (refusal is not null)
            return new Outcome<Case>.Declined(refusal);
        var now = clock.GetUtcNow();
        await CaseStore.MoveAsync(work, caseId, CaseState.Resolved, now, cancellation);
        await NoticeStore.TellAsync(work, caseId, "resolved", now, cancellation);
        var resolved = await CaseStore.FindAsync(work, caseId, cancellation);
        return new Outcome<Case>.Done(resolved!);
    }
}
