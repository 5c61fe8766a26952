using Sentinel.Policies.Model;
using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Normalisation;

/// <summary>Turns raw events into canonical ones by the sources' text alone; never throws on any bytes.</summary>
public sealed class Normaliser(
    FieldTable fields,
    IReadOnlyList<SourceDeclaration> sources,
    NormaliserOptions? options = null
)
{
    /// <summary>One reading for each raw event, in order.</summary>
    public IReadOnlyList<Reading> Normalise(IReadOnlyList<RawEvent> batch) =>
        throw new NotSupportedException($"{fields} {sources} {options}");
}

public sealed record NormaliserOptions
{
    /// <summary>Asked only where none of the other sources accepts a record.</summary>
    public IReadOnlyList<SourceDeclaration> Shipped { get; init; } = [];

    /// <summary>Restricts to the source of this name.</summary>
    public string? Source { get; init; }

    /// <summary>For lines without one; else the latest year that does not put them in the future.</summary>
    public int? Year { get; init; }

    /// <summary>For times without one.</summary>
    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Utc;
}
