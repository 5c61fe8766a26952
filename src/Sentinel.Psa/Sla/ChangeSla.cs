using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Published;

namespace Sentinel.Psa.Sla;

/// <summary>
/// A person puts a running case under another sla, or under the version of its own that is active now,
/// and says why. What is used stays used and what was breached stays breached; what is due follows from
/// the new terms at once. A case without clocks gets them.
/// </summary>
public sealed class ChangeSla(SentinelDatabase database, TimeProvider clock)
{
    public Task<Outcome<CaseSla>> RunAsync(
        Secret secret,
        Guid caseId,
        string name,
        string reason,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("sla.change", "case", caseId, caseId),
            work => InAsync(work, caseId, name, reason, cancellation),
            cancellation
        );

    async Task<Outcome<CaseSla>> InAsync(
        PresentedTransaction work,
        Guid caseId,
        string name,
        string reason,
        CancellationToken cancellation
    )
    {
        var refusal =
            ReasonGiven.Missing("sla.change", reason)
            ?? await PermissionStore.UnlessPersonMayAsync(
                work,
                "sla.change",
                "sla.change",
                cancellation
            );
        if (refusal is not null)
            return new Outcome<CaseSla>.Declined(refusal);
        var active = await LoadedPolicies.ActiveAsync(work, cancellation);
        var declared = active?.Slas.FirstOrDefault(sla => sla.Name == name);
        if (declared is null)
            return new Outcome<CaseSla>.NotFound($"active policy with an sla {name}");
        var now = clock.GetUtcNow();
        var terms = SlaTerms.Of(declared);
        if (await SlaStore.OfCaseAsync(work, caseId, now, cancellation) is null)
            await SlaStore.StartAsync(work, caseId, terms, now, cancellation);
        else
            await SlaStore.ChangeAsync(work, caseId, terms, reason, now, cancellation);
        await SettlementStore.SettleAsync(work, caseId, now, cancellation);
        var sla = await SlaStore.OfCaseAsync(work, caseId, now, cancellation);
        return new Outcome<CaseSla>.Done(sla!);
    }
}
