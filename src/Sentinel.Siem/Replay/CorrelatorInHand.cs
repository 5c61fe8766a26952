using System.Collections.Concurrent;
using Sentinel.Postgres.Access;
using Sentinel.Siem.Correlation;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Rules;

namespace Sentinel.Siem.Replay;

/// <summary>
/// Each organisation's correlator as the last commit left it. Open windows can be larger than many batches,
/// so they are written down only now and then; where this process does not have them in hand, they are
/// brought from the last snapshot to the last batch by what was accepted since.
/// </summary>
sealed class CorrelatorInHand(PolicySets policies, IRawEventStore rawEvents)
{
    /// <summary>How many batches a start may have to feed again.</summary>
    internal const int BatchesBetweenSnapshots = 16;

    readonly ConcurrentDictionary<Guid, Reached> kept = new();

    /// <param name="Snapshot">The batch of the last snapshot; 0 where there is none.</param>
    internal sealed record Reached(
        long Batch,
        long Snapshot,
        PolicySet Set,
        LiveCorrelator Correlator
    );

    /// <summary>
    /// As the batch before this number left it, with the rules of this set. Call under the writer's lock.
    /// What is taken is gone until <see cref="Keep"/>: a rolled back batch leaves nothing behind.
    /// </summary>
    public async Task<Reached> TakeAsync(
        PresentedTransaction work,
        PolicySet set,
        long number,
        CancellationToken cancellation
    )
    {
        var organisationId = work.Actor.OrganisationId;
        kept.TryRemove(organisationId, out var last);
        if (last?.Batch != number - 1)
            last = await ResumeAsync(work, set, number, cancellation);
        return last.Set.Sha256 == set.Sha256
            ? last
            : last with
            {
                Set = set,
                Correlator = FeedBatch.Successor(last.Correlator, set, organisationId),
            };
    }

    /// <summary>Writes it down as of this batch, should that be due.</summary>
    public static async Task<Reached> SaveAsync(
        PresentedTransaction work,
        Reached reached,
        long number,
        CancellationToken cancellation
    )
    {
        if (number - reached.Snapshot < BatchesBetweenSnapshots)
            return reached with { Batch = number };
        return await WriteAsync(work, reached with { Batch = number }, cancellation);
    }

    /// <summary>Writes down what is in hand, so that the next process need not feed anything again.</summary>
    public async Task SaveAsync(
        PresentedTransaction work,
        long number,
        CancellationToken cancellation
    )
    {
        var organisationId = work.Actor.OrganisationId;
        if (!kept.TryGetValue(organisationId, out var last) || last.Batch != number - 1)
            return;
        if (last.Snapshot != last.Batch)
            kept[organisationId] = await WriteAsync(work, last, cancellation);
    }

    /// <summary>After the commit, and only then.</summary>
    public void Keep(Guid organisationId, Reached reached) => kept[organisationId] = reached;

    async Task<Reached> ResumeAsync(
        PresentedTransaction work,
        PolicySet set,
        long number,
        CancellationToken cancellation
    )
    {
        var organisationId = work.Actor.OrganisationId;
        var stored = new FeedBatch(work.Connection, organisationId, policies, rawEvents);
        var snapshot = await CorrelationStateStore.FindAsync(work, cancellation);
        if (snapshot is not null)
        {
            var used = await policies.UsedAsync(
                work.Connection,
                organisationId,
                snapshot.PolicySetSha256,
                cancellation
            );
            var correlator = FeedBatch.Successor(null, used, organisationId);
            correlator.Restore(snapshot.State);
            stored.BeginWith(used, correlator);
        }
        var behind = snapshot?.BatchNumber ?? 0;
        var since = await BatchStore.ListBetweenAsync(
            work.Connection,
            organisationId,
            behind,
            number,
            cancellation
        );
        foreach (var batch in since)
            await stored.RunAsync(batch, cancellation);
        var (reachedWith, reached) =
            stored.Reached ?? (set, FeedBatch.Successor(null, set, organisationId));
        var resumed = new Reached(number - 1, behind, reachedWith, reached);
        // Whatever becomes of this transaction's own batch: nobody should have to feed these again.
        return since.Count > 0 ? await WriteAsync(work, resumed, cancellation) : resumed;
    }

    static async Task<Reached> WriteAsync(
        PresentedTransaction work,
        Reached reached,
        CancellationToken cancellation
    )
    {
        var snapshot = new CorrelationSnapshot(
            reached.Batch,
            reached.Set.Sha256,
            reached.Correlator.Save()
        );
        await CorrelationStateStore.SaveAsync(work, snapshot, cancellation);
        return reached with { Snapshot = reached.Batch };
    }
}
