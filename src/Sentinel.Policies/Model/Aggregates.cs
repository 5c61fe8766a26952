namespace Sentinel.Policies.Model;

/// <summary>Which events of a key an aggregate is over.</summary>
public abstract record Window(TimeSpan Within)
{
    /// <summary>For each event, those less than <c>Within</c> before it, and itself: every event is asked.</summary>
    public sealed record Sliding(TimeSpan Within) : Window(Within);

    /// <summary>
    /// Windows that begin at every multiple of <paramref name="Every"/> since 1970 (UTC); where both are
    /// equal, each event is in one. A window gives one match, at the first event at which it holds.
    /// </summary>
    public sealed record Hopping(TimeSpan Within, TimeSpan Every) : Window(Within);

    /// <summary>
    /// Events less than <c>Within</c> after the one before, and less than <paramref name="AtMost"/> after
    /// the first. A session gives one match, at the first event at which it holds.
    /// </summary>
    public sealed record Session(TimeSpan Within, TimeSpan AtMost) : Window(Within);
}

/// <summary>Thresholds joined by <c>and</c> and <c>or</c>.</summary>
public abstract record Having
{
    public sealed record Reaches(Threshold Threshold) : Having;

    public sealed record All(IReadOnlyList<Having> Parts) : Having;

    public sealed record Any(IReadOnlyList<Having> Parts) : Having;

    public IEnumerable<Threshold> Thresholds =>
        this switch
        {
            Reaches reaches => [reaches.Threshold],
            All all => all.Parts.SelectMany(p => p.Thresholds),
            Any any => any.Parts.SelectMany(p => p.Thresholds),
            _ => throw new InvalidOperationException("Thresholds joined in an unknown way."),
        };

    public bool Holds(Func<Threshold, bool> threshold) =>
        this switch
        {
            Reaches reaches => threshold(reaches.Threshold),
            All all => all.Parts.All(p => p.Holds(threshold)),
            Any any => any.Parts.Any(p => p.Holds(threshold)),
            _ => throw new InvalidOperationException("Thresholds joined in an unknown way."),
        };
}

public enum AggregateFunction
{
    Count,
    Distinct,
    Sum,
    Average,
    Minimum,
    Maximum,
    Percentile,
}

public enum Comparison
{
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// <param name="Of">The selector whose events are taken.</param>
/// <param name="Field">What is aggregated; null for Count.</param>
/// <param name="Percent">
/// For Percentile: the smallest value that is not below this share of all values; else 0.
/// </param>
public sealed record Aggregation(
    AggregateFunction Function,
    EventSelector Of,
    Field? Field,
    int Percent = 0
);

public sealed record Threshold(string Text, Aggregation Of, Comparison Comparison, double Value)
{
    /// <summary>What the value is, of <see cref="Pattern.Unusual"/>.</summary>
    public Baseline Against { get; init; }
}

public enum Baseline
{
    /// <summary>The value itself is compared with.</summary>
    None,

    /// <summary>So many standard deviations above the average of the buckets before.</summary>
    Deviations,

    /// <summary>So many times that average.</summary>
    Averages,
}
