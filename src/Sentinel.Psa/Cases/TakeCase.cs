using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Cases;

/// <summary>A person answers for the case from now on: the response clock stops.</summary>
public sealed class TakeCase(SentinelDatabase database, TimeProvider clock)
{
    public Task<Outcome<Case>> RunAsync(
        Secret secret,
        Guid caseId,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("case.take", "case", caseId, caseId),
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
            await PermissionStore.UnlessPersonMayAsync(work, "case.take", "case.take", cancellation)
            ?? CaseRules.Step(found, CaseTrigger.Take, work.Actor);
        if (refusal is not null)
            return new Outcome<Case>.Declined(refusal);
        await CaseStore.MoveAsync(
            work,
            caseId,
            CaseState.InProgress,
            clock.GetUtcNow(),
            cancellation
        );
        var taken = await CaseStore.FindAsync(work, caseId, cancellation);
        return new Outcome<Case>.Done(taken!);
    }
}
