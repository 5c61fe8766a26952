using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Sla;

/// <summary>
/// A person makes the clocks of a case stand still, or run again, and says why. What the policy pauses
/// for goes on by itself.
/// </summary>
public sealed class PauseClocks(SentinelDatabase database, TimeProvider clock)
{
    public Task<Outcome<CaseSla>> PauseAsync(
        Secret secret,
        Guid caseId,
        string reason,
        CancellationToken cancellation
    ) => RunAsync(secret, caseId, SlaEntryKind.Paused, reason, cancellation);

    public Task<Outcome<CaseSla>> ResumeAsync(
        Secret secret,
        Guid caseId,
        string reason,
        CancellationToken cancellation
    ) => RunAsync(secret, caseId, SlaEntryKind.Resumed, reason, cancellation);

    Task<Outcome<CaseSla>> RunAsync(
        Secret secret,
        Guid caseId,
        SlaEntryKind kind,
        string reason,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("sla." + kind.Word(), "case", caseId, caseId),
            work => InAsync(work, caseId, kind, reason, cancellation),
            cancellation
        );

    async Task<Outcome<CaseSla>> InAsync(
        PresentedTransaction work,
        Guid caseId,
        SlaEntryKind kind,
        string reason,
        CancellationToken cancellation
    )
    {
        var refusal =
            ReasonGiven.Missing("sla.pause", reason)
            ?? await PermissionStore.UnlessPersonMayAsync(
                work,
                "sla.pause",
                "sla.pause",
                cancellation
            );
        if (refusal is not null)
            return new Outcome<CaseSla>.Declined(refusal);
        var now = clock.GetUtcNow();
        if (await SlaStore.OfCaseAsync(work, caseId, now, cancellation) is null)
            return new Outcome<CaseSla>.NotFound($"clock of a case {caseId}");
        await SlaStore.PauseAsync(work, caseId, kind, reason, now, cancellation);
        await SettlementStore.SettleAsync(work, caseId, now, cancellation);
        var sla = await SlaStore.OfCaseAsync(work, caseId, now, cancellation);
        return new Outcome<CaseSla>.Done(sla!);
    }
}
