using System.Security.Cryptography;

namespace Sentinel.Siem.Correlation;

/// <summary>Hits that fired on arrival and are not final yet, to be compared with what is.</summary>
sealed class ProvisionalHits
{
    readonly Dictionary<Guid, PendingHit> byId = [];
    readonly PriorityQueue<Guid, (DateTimeOffset Last, Guid Id)> byLast = new();

    /// <summary>False where one with its id waits already.</summary>
    public bool TryAdd(CorrelationHit hit)
    {
        var pending = new PendingHit(hit.Last, PrintOf(hit), hit.IncludesLate);
        if (!byId.TryAdd(hit.Id, pending))
            return false;
        byLast.Enqueue(hit.Id, (hit.Last, hit.Id));
        return true;
    }

    /// <summary>What a final hit says about the provisional one with its id.</summary>
    public HitChange Settle(CorrelationHit final) =>
        !byId.Remove(final.Id, out var pending) ? new HitChange.Final(final)
        : pending.Print == PrintOf(final) ? new HitChange.Confirmed(final.Id)
        : new HitChange.Corrected(final);

    /// <summary>Takes out those that the final fold has passed without finding them.</summary>
    public IReadOnlyList<(Guid Id, DateTimeOffset Last)> Withdraw(DateTimeOffset watermark)
    {
        var withdrawn = new List<(Guid, DateTimeOffset)>();
        while (byLast.TryPeek(out var id, out var at) && at.Last < watermark)
        {
            byLast.Dequeue();
            // A hit on late events is all that will ever be known of them: it stands.
            if (byId.Remove(id, out var pending) && !pending.IncludesLate)
                withdrawn.Add((id, at.Last));
        }
        return withdrawn;
    }

    public void Save(StateWriter state)
    {
        state.Write(byId.Count);
        foreach (var (id, pending) in byId.OrderBy(p => (p.Value.Last, p.Key)))
        {
            state.Write(id);
            state.Write(pending.Last);
            state.Write(pending.Print);
            state.Write(pending.IncludesLate);
        }
    }

    public void Restore(StateReader state)
    {
        for (var count = state.ReadInt(); count > 0; count--)
        {
            var id = state.ReadId();
            var pending = new PendingHit(state.ReadTime(), state.ReadId(), state.ReadBool());
            byId.Add(id, pending);
            byLast.Enqueue(id, (pending.Last, id));
        }
    }

    /// <summary>Equal for hits that say the same.</summary>
    public static Guid PrintOf(CorrelationHit hit)
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

    readonly record struct PendingHit(DateTimeOffset Last, Guid Print, bool IncludesLate);
}
