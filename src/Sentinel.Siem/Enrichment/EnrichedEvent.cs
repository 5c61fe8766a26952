using System.Text;
using Sentinel.Policies.Model;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Siem.Enrichment;

/// <summary>A normalised event with what was known about its things when it arrived.</summary>
public sealed class EnrichedEvent : IFieldValues
{
    readonly object?[]? values;

    /// <param name="values">Null where enrichment derived none.</param>
    internal EnrichedEvent(
        NormalisedEvent normalised,
        object?[]? values,
        IReadOnlyList<EventEnrichment> enrichments,
        Guid? assetId = null,
        Guid? identityId = null
    )
    {
        Event = normalised;
        this.values = values;
        Enrichments = enrichments;
        AssetId = assetId;
        IdentityId = identityId;
    }

    public NormalisedEvent Event { get; }

    public IReadOnlyList<EventEnrichment> Enrichments { get; }

    /// <summary>The asset that the event concerns, where reference data knows it.</summary>
    public Guid? AssetId { get; }

    /// <summary>The account that acted, where it is known.</summary>
    public Guid? IdentityId { get; }

    /// <summary>The event's own values, and those that enrichment derived.</summary>
    public object? this[int ordinal] =>
        values is null ? Event[ordinal]
        : ordinal < values.Length ? values[ordinal]
        : null;

    public IEnumerable<object> Everything => Event.Everything;

    public bool TryGetUtf8(int ordinal, out ReadOnlySpan<byte> utf8)
    {
        if (values is null)
            return Event.TryGetUtf8(ordinal, out utf8);
        var value = this[ordinal];
        var hasText = value is not (null or IReadOnlyList<string>);
        utf8 = hasText ? Encoding.UTF8.GetBytes(FieldValue.ToConditionText(value!)) : default;
        return hasText;
    }

    public bool TryGetRecord(out ReadOnlySpan<byte> utf8) => Event.TryGetRecord(out utf8);
}

/// <summary>One row of what was looked up, so that replay needs no lookup.</summary>
/// <param name="EnrichmentType">asset, identity, geo, asn, network, or time.</param>
/// <param name="Data">
/// A JSON object with the result and, under <c>provenance</c>, where it came from: table, row and
/// version, or database and build.
/// </param>
public sealed record EventEnrichment(string EnrichmentType, string Data);
