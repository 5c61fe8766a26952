using Sentinel.Siem.Enrichment;

namespace Sentinel.Siem.Correlation;

/// <param name="Changes">In the order in which they happened.</param>
/// <param name="Late">
/// Events that came too far behind the watermark to be put in their place: provisional hits see them, final
/// ones do not.
/// </param>
public sealed record CorrelationOutcome(
    IReadOnlyList<HitChange> Changes,
    IReadOnlyList<EnrichedEvent> Late,
    DateTimeOffset? Watermark
)
{
    /// <summary>Matches that became final and that an exception of their rule means to be.</summary>
    public IReadOnlyList<CorrelationHit> Excepted { get; init; } = [];
}

/// <summary>What became known about a hit.</summary>
public abstract record HitChange
{
    /// <summary>It fired when its completing event arrived.</summary>
    public sealed record Provisional(CorrelationHit Hit) : HitChange;

    /// <summary>The watermark has passed and it stands as it was.</summary>
    public sealed record Confirmed(Guid HitId) : HitChange;

    /// <summary>Final without having been provisional: an absence, or events that came out of order.</summary>
    public sealed record Final(CorrelationHit Hit) : HitChange;

    /// <summary>A correction: the match stands, with other events, confidence or finding.</summary>
    public sealed record Corrected(CorrelationHit Hit) : HitChange;

    /// <summary>A correction: in the order of event time there is no such match.</summary>
    public sealed record Retracted(Guid HitId) : HitChange;
}
