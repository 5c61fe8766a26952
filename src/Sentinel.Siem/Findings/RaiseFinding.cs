using System.Diagnostics;
using Sentinel.Postgres.Access;
using Sentinel.Siem.Correlation;

namespace Sentinel.Siem.Findings;

/// <summary>
/// Stores what the correlator found, within the batch's transaction: hits, settlements, and a finding for
/// each match that nobody counted yet.
/// </summary>
static class RaiseFinding
{
    public static async Task<RaiseOutcome> RunAsync(
        PresentedTransaction work,
        CorrelationOutcome outcome,
        long batchNumber,
        Guid correlationId,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var changes = outcome.Changes;
        await ExceptedHitStore.AppendAsync(work, outcome.Excepted, batchNumber, cancellation);
        if (changes.Count == 0)
            return new RaiseOutcome(0, [], outcome.Excepted.Count);
        var known = await FindingStore.ExistingAsync(
            work,
            [.. changes.Select(HitOf).OfType<CorrelationHit>().Select(hit => hit.FindingId)],
            cancellation
        );
        var raised = new List<Guid>();
        var raising = new HashSet<Guid>();
        foreach (var hit in changes.Select(HitOf).OfType<CorrelationHit>())
        {
            if (!known.Add(hit.FindingId))
                continue;
            // Also from a later match, should the first one have been withdrawn: no hit without a finding.
            var finding = Finding.From(
                hit with
                {
                    Suppressed = false,
                },
                work.Actor.OrganisationId,
                correlationId,
                now
            )!;
            await FindingStore.TryInsertAsync(work, finding, cancellation);
            await FindingStore.LinkEventsAsync(
                work,
                finding.Id,
                [.. hit.Events.Select(found => (found.EventId, found.KeyTime))],
                cancellation
            );
            raised.Add(finding.Id);
            raising.Add(hit.Id);
        }
        var fired = changes.Select(Fired).OfType<(CorrelationHit, bool)>().ToList();
        await HitStore.AppendAsync(work, fired, raising, batchNumber, cancellation);
        var settled = changes.Select(Settled).OfType<HitSettlement>().ToList();
        await HitStore.SettleAsync(work, settled, batchNumber, now, cancellation);
        return new RaiseOutcome(fired.Count, raised, outcome.Excepted.Count);
    }

    internal static CorrelationHit? HitOf(HitChange change) =>
        change switch
        {
            HitChange.Provisional fired => fired.Hit,
            HitChange.Final fired => fired.Hit,
            HitChange.Corrected corrected => corrected.Hit,
            HitChange.Confirmed or HitChange.Retracted => null,
            _ => throw new UnreachableException(),
        };

    static (CorrelationHit Hit, bool Final)? Fired(HitChange change) =>
        change switch
        {
            HitChange.Provisional fired => (fired.Hit, false),
            HitChange.Final fired => (fired.Hit, true),
            HitChange.Corrected or HitChange.Confirmed or HitChange.Retracted => null,
            _ => throw new UnreachableException(),
        };

    static HitSettlement? Settled(HitChange change) =>
        change switch
        {
            HitChange.Confirmed confirmed => new(confirmed.HitId, "confirmed", null),
            HitChange.Corrected corrected => new(corrected.Hit.Id, "corrected", corrected.Hit),
            HitChange.Retracted withdrawn => new(withdrawn.HitId, "withdrawn", null),
            HitChange.Provisional or HitChange.Final => null,
            _ => throw new UnreachableException(),
        };
}

/// <param name="Hits">How many fired.</param>
/// <param name="Findings">Those that are new, in order.</param>
/// <param name="Excepted">How many matches are meant to be so.</param>
sealed record RaiseOutcome(int Hits, IReadOnlyList<Guid> Findings, int Excepted);
