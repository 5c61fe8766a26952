using Sentinel.Policies.Model;
using Sentinel.Siem.Correlation;

namespace Sentinel.Siem.Detection;

/// <summary>
/// Hits on their way out, in the order of their last event: each waits for those of the same moment, and for
/// the later matches that count on its finding, as long as its rule's <c>once per</c> lasts.
/// </summary>
sealed class FoundHits(IReadOnlyList<RuleDeclaration> rules, bool all, Action<DetectedHit> take)
{
    readonly Queue<CorrelationHit> waiting = new();
    readonly List<CorrelationHit> moment = [];
    readonly Dictionary<Guid, long> suppressed = [];
    readonly Dictionary<Guid, TimeSpan> counting = rules
        .Where(r => r.Once is not null)
        .DistinctBy(r => r.Id)
        .ToDictionary(r => r.Id, r => r.Once!.In);
    DateTimeOffset now = DateTimeOffset.MinValue;

    public long Raising { get; private set; }

    /// <summary>Matches that fall under an exception of their rule.</summary>
    public long Excepted { get; private set; }

    /// <summary>In the order in which they were found, which is that of their last event.</summary>
    public void Add(IReadOnlyList<CorrelationHit> found)
    {
        foreach (var hit in found)
        {
            if (hit.Last > now)
                Leave(now = hit.Last);
            if (hit.Excepted is not null)
                Excepted++;
            else if (hit.Suppressed)
                suppressed[hit.FindingId] = suppressed.GetValueOrDefault(hit.FindingId) + 1;
            else
                Raising++;
            if (all || !hit.Suppressed)
                waiting.Enqueue(hit);
        }
    }

    public void End() => Leave(DateTimeOffset.MaxValue);

    // Those of one moment leave together, sorted, when the last of them is settled.
    void Leave(DateTimeOffset until)
    {
        while (waiting.TryPeek(out var first))
        {
            moment.Clear();
            moment.AddRange(waiting.TakeWhile(h => h.Last == first.Last));
            if (moment.Exists(h => until - h.Last < counting.GetValueOrDefault(h.RuleId)))
                return;
            moment.Sort(Compare);
            foreach (var hit in moment)
            {
                waiting.Dequeue();
                take(new DetectedHit(hit, LaterOf(hit)));
            }
        }
    }

    long LaterOf(CorrelationHit hit) =>
        !hit.Suppressed && suppressed.Remove(hit.FindingId, out var later) ? later : 0;

    static int Compare(CorrelationHit a, CorrelationHit b)
    {
        var order = string.CompareOrdinal(a.RuleName, b.RuleName);
        if (order == 0)
            order = a.First.CompareTo(b.First);
        return order == 0 ? a.Id.CompareTo(b.Id) : order;
    }
}
