using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Postgres.Ledger;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Glass;
using Sentinel.Psa.Sla;

namespace Sentinel.Psa.Cases;

/// <summary>A case that will never change again, and the proof.</summary>
/// <param name="Head">The signed head outside the database, which covers the case.</param>
public sealed record ClosedCase(Case Case, CaseSeal Seal, SignedHead Head);

/// <summary>
/// Ends a case for good. Only a person who did none of the work, and only when disposition, evidence,
/// attestation are there and no task is open; the seal over its audit rows is part of the closing.
/// </summary>
public sealed class CloseCase(
    SentinelDatabase database,
    DataDirectory data,
    SignHead heads,
    TimeProvider clock
)
{
    public async Task<Outcome<ClosedCase>> RunAsync(
        Secret secret,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        var outcome = await AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("case.close", "case", caseId, caseId),
            work => InAsync(work, caseId, cancellation),
            cancellation
        );
        if (outcome is not Outcome<Sealed>.Done(var done))
            return outcome.Match<Outcome<ClosedCase>>(
                _ => throw new System.Diagnostics.UnreachableException(),
                missing => new Outcome<ClosedCase>.NotFound(missing),
                refusal => new Outcome<ClosedCase>.Declined(refusal)
            );
        // The head outside vouches for the closing from its first moment.
        var head = await heads.CoverAsync("psa", done.OrganisationId, caseId, cancellation);
        return new Outcome<ClosedCase>.Done(new ClosedCase(done.Case, done.Seal, head));
    }

    async Task<Outcome<Sealed>> InAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        if (await CaseStore.LockAsync(work, caseId, cancellation) is not { } found)
            return new Outcome<Sealed>.NotFound($"case {caseId}");
        var refusal =
            await PermissionStore.UnfitAsync(work, "case.close", cancellation)
            ?? await PermissionStore.LackingAsync(work, "case.close", cancellation)
            ?? CaseRules.Step(found, CaseTrigger.Close, work.Actor)
            ?? Closing.Refuse(await ClosingStore.MissingAsync(work, caseId, cancellation))
            ?? await GlassStore.UnreviewedAsync(work, caseId, cancellation);
        if (refusal is not null)
            return new Outcome<Sealed>.Declined(refusal);
        var now = clock.GetUtcNow();
        // The seal covers what the clocks did, also where no sweep has come by yet.
        await SettlementStore.SettleAsync(work, caseId, now, cancellation);
        await NoticeStore.TellAsync(work, caseId, "closed", now, cancellation);
        await CaseStore.MoveAsync(work, caseId, CaseState.Closed, now, cancellation);
        using var key = LedgerKey.Open(data);
        var seal = await SealStore.SealAsync(work, caseId, key, now, cancellation);
        var closed = await CaseStore.FindAsync(work, caseId, cancellation);
        return new Outcome<Sealed>.Done(new Sealed(work.Actor.OrganisationId, closed!, seal));
    }

    sealed record Sealed(Guid OrganisationId, Case Case, CaseSeal Seal);
}
