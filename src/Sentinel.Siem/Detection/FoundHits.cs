using Sentinel.Siem.Correlation;

namespace Sentinel.Siem.Detection;

/// <summary>Hits as they come, with the later matches counted on the one that raised the finding.</summary>
sealed class FoundHits(bool all)
{
    readonly List<CorrelationHit> hits = [];
    readonly Dictionary<Guid, long> suppressed = [];

    public long Raising { get; private set; }

    /// <summary>Matches that fall under an exception of their rule.</summary>
    public long Excepted { get; private set; }

    public void Add(IReadOnlyList<CorrelationHit> found)
    {
        foreach (var hit in found)
        {
            if (hit.Excepted is not null)
                Excepted++;
            else if (hit.Suppressed)
                suppressed[hit.FindingId] = suppressed.GetValueOrDefault(hit.FindingId) + 1;
            else
                Raising++;
            if (all || !hit.Suppressed)
                hits.Add(hit);
        }
    }

    public IReadOnlyList<DetectedHit> InOrder() =>
        [
            .. hits.OrderBy(h => h.Last)
                .ThenBy(h => h.RuleName, StringComparer.Ordinal)
                .ThenBy(h => h.First)
                .ThenBy(h => h.Id)
                .Select(h => new DetectedHit(
                    h,
                    h.Suppressed ? 0 : suppressed.GetValueOrDefault(h.FindingId)
                )),
        ];
}
