using Sentinel.Policies.Model;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Siem.Enrichment;

/// <summary>
/// Adds what is known about an event's host, account and addresses. Pure: everything that it knows was
/// handed in, so replay hands in the stored rows instead.
/// </summary>
public sealed class Enricher(FieldTable fields, KnownThings known, GeoDatabase? geo = null)
{
    /// <summary>The events among the readings, in order.</summary>
    public IReadOnlyList<EnrichedEvent> Enrich(IReadOnlyList<Reading> readings) =>
        throw new NotSupportedException($"{fields} {known} {geo}");

    /// <summary>The same event from the rows stored with it, without any lookup.</summary>
    public EnrichedEvent Restore(
        NormalisedEvent normalised,
        IReadOnlyList<EventEnrichment> stored
    ) => throw new NotSupportedException();
}

/// <summary>Reference data as it stood when the batch was enriched.</summary>
public sealed record KnownThings(
    IReadOnlyList<KnownAsset> Assets,
    IReadOnlyList<KnownIdentity> Identities
)
{
    public static KnownThings None { get; } = new([], []);
}

/// <param name="Names">Host names and addresses by which events know it.</param>
/// <param name="Criticality">0 to 10.</param>
/// <param name="Provenance">Which table and version the row came from.</param>
public sealed record KnownAsset(
    Guid Id,
    string Name,
    IReadOnlyList<string> Names,
    int Criticality,
    string Provenance
);

/// <param name="Provenance">Which table and version the row came from.</param>
public sealed record KnownIdentity(Guid Id, string AccountName, string? Role, string Provenance);
