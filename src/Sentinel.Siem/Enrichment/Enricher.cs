using System.Net;
using Sentinel.Policies.Model;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Siem.Enrichment;

/// <summary>
/// Adds what is known about an event's host, account and addresses. Pure: everything that it knows was
/// handed in, so replay hands in the stored rows instead.
/// </summary>
public sealed class Enricher
{
    /// <summary>A live source whose clock is further off than this drifts.</summary>
    public const int DriftSecondsMax = 300;

    const int AddressesRememberedMax = 65_536;

    readonly CanonicalFields canonical;
    readonly (string Name, int Ordinal)[] addressFields;
    readonly (string Name, int Ordinal)[] assetFields;
    readonly KnownNames<KnownAsset> assets;
    readonly KnownNames<KnownIdentity> identities;
    readonly GeoDatabase? geo;
    readonly Dictionary<(string Field, IPAddress), FoundRow[]> remembered = [];
    readonly bool knowsNothing;
    EnrichedEvent? passing;

    public Enricher(FieldTable fields, KnownThings known, GeoDatabase? geo = null)
    {
        this.geo = geo;
        knowsNothing =
            known.Assets.Count + known.Identities.Count == 0 && (geo is null || geo.IsEmpty);
        canonical = new CanonicalFields(fields);
        addressFields =
        [
            ("source_ip", canonical.SourceAddress),
            ("destination_ip", canonical.DestinationAddress),
        ];
        // The host that reports, else who was addressed, else who did it.
        assetFields =
        [
            ("host", canonical.Host),
            ("destination_ip", canonical.DestinationAddress),
            ("source_ip", canonical.SourceAddress),
        ];
        assets = new(known.Assets, asset => [asset.Name, .. asset.Names]);
        identities = new(known.Identities, identity => [identity.AccountName]);
    }

    /// <summary>The events among the readings, in order.</summary>
    public IReadOnlyList<EnrichedEvent> Enrich(IReadOnlyList<Reading> readings)
    {
        var enriched = new List<EnrichedEvent>(readings.Count);
        var found = new List<FoundRow>();
        foreach (var reading in readings)
        {
            if (reading is not Reading.Normalised { Event: var normalised })
                continue;
            found.Clear();
            Find(normalised, found);
            enriched.Add(Apply(normalised, found, RowsOf(found)));
        }
        return enriched;
    }

    /// <summary>
    /// An event whose rows nobody stores: only its fields count. Where nothing can be found for any, one
    /// object serves all the events of a reader.
    /// </summary>
    internal EnrichedEvent EnrichPassing(NormalisedEvent normalised)
    {
        if (knowsNothing && !normalised.Origin.Live)
            return passing?.Event == normalised ? passing : passing = new(normalised, null, []);
        var found = new List<FoundRow>();
        Find(normalised, found);
        return Apply(normalised, found, []);
    }

    /// <summary>The same event from the rows stored with it, without any lookup.</summary>
    public EnrichedEvent Restore(NormalisedEvent normalised, IReadOnlyList<EventEnrichment> stored)
    {
        var found = new List<FoundRow>(stored.Count);
        foreach (var row in stored)
            if (EnrichmentData.FromRow(row) is { } data)
                found.Add(new FoundRow(data, row));
        return Apply(normalised, found, stored);
    }

    void Find(NormalisedEvent normalised, List<FoundRow> found)
    {
        FindAsset(normalised, found);
        FindIdentity(normalised, found);
        FindAddresses(normalised, found);
        FindDrift(normalised, found);
    }

    static EventEnrichment[] RowsOf(List<FoundRow> found)
    {
        if (found.Count == 0)
            return [];
        var rows = new EventEnrichment[found.Count];
        for (var i = 0; i < rows.Length; i++)
            rows[i] = found[i].Row;
        return rows;
    }

    void FindAsset(NormalisedEvent normalised, List<FoundRow> found)
    {
        foreach (var (name, ordinal) in assetFields)
        {
            if (normalised[ordinal] is not { } value || assets.Find(value) is not { } asset)
                continue;
            found.Add(
                FoundRow.Of(
                    new EnrichmentData.Asset(
                        asset.Id,
                        asset.Name,
                        asset.Criticality,
                        name,
                        asset.Provenance
                    )
                )
            );
            return;
        }
    }

    void FindIdentity(NormalisedEvent normalised, List<FoundRow> found)
    {
        if (normalised[canonical.User] is not { } user || identities.Find(user) is not { } identity)
            return;
        found.Add(
            FoundRow.Of(
                new EnrichmentData.Identity(
                    identity.Id,
                    identity.AccountName,
                    identity.Role,
                    "user",
                    identity.Provenance
                )
            )
        );
    }

    void FindAddresses(NormalisedEvent normalised, List<FoundRow> found)
    {
        foreach (var (name, ordinal) in addressFields)
        {
            if (normalised[ordinal] is not IPAddress address)
                continue;
            if (!remembered.TryGetValue((name, address), out var known))
            {
                if (remembered.Count == AddressesRememberedMax)
                    remembered.Clear();
                known = [.. PlacesOf(name, address).Select(FoundRow.Of)];
                remembered.Add((name, address), known);
            }
            found.AddRange(known);
        }
    }

    IEnumerable<EnrichmentData> PlacesOf(string field, IPAddress address)
    {
        var text = FieldValue.ToText(address);
        yield return new EnrichmentData.Network(
            field,
            text,
            SpecialAddresses.KindOf(address),
            "IANA special-purpose registries, RFC 6890"
        );
        foreach (var place in geo?.Find(address) ?? [])
        {
            if (place.Country is { } country)
                yield return new EnrichmentData.Geo(field, text, country, place.Provenance);
            if (place.Asn is { } asn)
                yield return new EnrichmentData.Asn(
                    field,
                    text,
                    asn,
                    place.AsnOrganisation,
                    place.Provenance
                );
        }
    }

    static void FindDrift(NormalisedEvent normalised, List<FoundRow> found)
    {
        // What was read from a file says nothing about a clock.
        if (!normalised.Raw.Live)
            return;
        var drift = (normalised.EventTime - normalised.Raw.ReceivedAt).TotalSeconds;
        if (Math.Abs(drift) > DriftSecondsMax)
            found.Add(
                FoundRow.Of(
                    new EnrichmentData.DriftingClock(drift, true, "event_time less received_at")
                )
            );
    }

    EnrichedEvent Apply(
        NormalisedEvent normalised,
        List<FoundRow> found,
        IReadOnlyList<EventEnrichment> rows
    )
    {
        var derived = new DerivedValues(normalised, canonical);
        foreach (var finding in found)
            derived.Apply(finding.Data);
        return derived.ToEvent(rows);
    }

    readonly record struct FoundRow(EnrichmentData Data, EventEnrichment Row)
    {
        public static FoundRow Of(EnrichmentData data) => new(data, data.ToRow());
    }
}
