using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sentinel.Siem.Enrichment;

/// <summary>What an enrichment row says, as the JSON that is stored and read back.</summary>
abstract record EnrichmentData
{
    static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <param name="Matched">The event's field that named it.</param>
    public sealed record Asset(
        Guid AssetId,
        string Name,
        int Criticality,
        string Matched,
        string Provenance
    ) : EnrichmentData;

    public sealed record Identity(
        Guid IdentityId,
        string AccountName,
        string? Role,
        string Matched,
        string Provenance
    ) : EnrichmentData;

    public sealed record Geo(string Field, string Address, string Country, string Provenance)
        : EnrichmentData;

    public sealed record Asn(
        string Field,
        string Address,
        long Number,
        string? Organisation,
        string Provenance
    ) : EnrichmentData;

    /// <param name="Kind">private, documentation, global, and so on.</param>
    public sealed record Network(string Field, string Address, string Kind, string Provenance)
        : EnrichmentData;

    /// <param name="DriftSeconds">The event's time less the time of its receipt.</param>
    public sealed record DriftingClock(double DriftSeconds, bool Drifts, string Provenance)
        : EnrichmentData;

    public EventEnrichment ToRow() =>
        this switch
        {
            Asset asset => new("asset", JsonSerializer.Serialize(asset, Options)),
            Identity identity => new("identity", JsonSerializer.Serialize(identity, Options)),
            Geo geo => new("geo", JsonSerializer.Serialize(geo, Options)),
            Asn asn => new("asn", JsonSerializer.Serialize(asn, Options)),
            Network network => new("network", JsonSerializer.Serialize(network, Options)),
            DriftingClock time => new("time", JsonSerializer.Serialize(time, Options)),
            _ => throw new InvalidOperationException("An enrichment of an unknown kind."),
        };

    /// <summary>Null for a kind that this version does not know.</summary>
    public static EnrichmentData? FromRow(EventEnrichment row) =>
        row.EnrichmentType switch
        {
            "asset" => JsonSerializer.Deserialize<Asset>(row.Data, Options),
            "identity" => JsonSerializer.Deserialize<Identity>(row.Data, Options),
            "geo" => JsonSerializer.Deserialize<Geo>(row.Data, Options),
            "asn" => JsonSerializer.Deserialize<Asn>(row.Data, Options),
            "network" => JsonSerializer.Deserialize<Network>(row.Data, Options),
            "time" => JsonSerializer.Deserialize<DriftingClock>(row.Data, Options),
            _ => null,
        };
}
