using System.Security.Cryptography;

namespace Sentinel.Siem.Correlation;

/// <summary>Hits that fired on arrival and are not final yet, to be compared with what is.</summary>
sealed class ProvisionalHits
{
    readonly Dictionary<Guid, PendingHit> byId = [];
    readonly PriorityQueue<Guid, (DateTimeOffset Last, Guid Id)> byLast = new();

    public void Add(CorrelationHit hit)
    {
        // A hit on late events is all that will ever be known of them: it stands.
        if (hit.IncludesLate || !byId.TryAdd(hit.Id, new PendingHit(hit.Last, PrintOf(hit))))
            return;
        byLast.Enqueue(hit.Id, (hit.Last, hit.Id));
    }

    /// <summary>What a final hit says about the provisional one with its id.</summary>
    public HitChange Settle(CorrelationHit final) =>
        !byId.Remove(final.Id, out var pending) ? new HitChange.Final(final)
        : pending.Print == PrintOf(final) ? new HitChange.Confirmed(final.Id)
        : new HitChange.Corrected(final);

    /// <summary>Those that the final fold has passed without finding them.</summary>
    public void Withdraw(DateTimeOffset watermark, List<HitChange> changes)
    {
        while (byLast.TryPeek(out var id, out var at) && at.Last < watermark)
        {
            byLast.Dequeue();
            if (byId.Remove(id))
                changes.Add(new HitChange.Retracted(id));
        }
    }

    public void Save(StateWriter state)
    {
        state.Write(byId.Count);
        foreach (var (id, pending) in byId.OrderBy(p => (p.Value.Last, p.Key)))
        {
            state.Write(id);
            state.Write(pending.Last);
            state.Write(pending.Print);
        }
    }

    public void Restore(StateReader state)
    {
        for (var count = state.ReadInt(); count > 0; count--)
        {
            var id = state.ReadId();
            var pending = new PendingHit(state.ReadTime(), state.ReadId());
            byId.Add(id, pending);
            byLast.Enqueue(id, (pending.Last, id));
        }
    }

    /// <summary>Equal for hits that say the same.</summary>
    static Guid PrintOf(CorrelationHit hit)
    {
        var state = new StateWriter();
        state.Write(hit.FindingId);
        state.Write(hit.Suppressed);
        state.Write(hit.Confidence);
        state.Write(hit.First);
        state.Write(hit.Count);
        state.Write(hit.Message);
        foreach (var step in hit.Steps)
        {
            state.Write(step.EventIds.Count);
            foreach (var id in step.EventIds)
                state.Write(id);
        }
        foreach (var cause in hit.From)
            state.Write(cause.HitId);
        return new Guid(SHA256.HashData(state.ToArray()).AsSpan(0, 16));
    }

    readonly record struct PendingHit(DateTimeOffset Last, Guid Print);
}
