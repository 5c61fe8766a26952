using Sentinel.Siem.Normalisation;

namespace Sentinel.Siem.Enrichment;

/// <summary>The fields that follow from enrichment, the same from a lookup and from a stored row.</summary>
sealed class DerivedValues(NormalisedEvent normalised, CanonicalFields canonical)
{
    object?[]? values;
    Guid? assetId;
    Guid? identityId;

    public void Apply(EnrichmentData data)
    {
        switch (data)
        {
            case EnrichmentData.Asset asset:
                assetId = asset.AssetId;
                Set(canonical.Asset, asset.Name);
                Set(canonical.AssetId, asset.AssetId.ToString());
                Set(canonical.AssetCriticality, (long)asset.Criticality);
                break;
            case EnrichmentData.Identity identity:
                identityId = identity.IdentityId;
                if (identity.Role is { } role)
                    Set(canonical.IdentityRole, role);
                break;
            case EnrichmentData.Geo { Field: "source_ip" } geo:
                Set(canonical.SourceCountry, geo.Country);
                break;
            case EnrichmentData.Asn { Field: "source_ip" } asn:
                Set(canonical.SourceAsn, asn.Number);
                break;
            case EnrichmentData.DriftingClock { Drifts: true }:
                Set(canonical.ClockDrift, true);
                break;
        }
    }

    public EnrichedEvent ToEvent(IReadOnlyList<EventEnrichment> rows) =>
        new(normalised, values, rows, assetId, identityId);

    void Set(int ordinal, object value)
    {
        values ??= [.. normalised.Values];
        values[ordinal] = value;
    }
}
