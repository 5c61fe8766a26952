using Sentinel.Policies.Model;

namespace Sentinel.Siem.Normalisation;

/// <summary>The ordinals of the canonical fields, looked up once.</summary>
sealed class CanonicalFields(FieldTable fields)
{
    public int Category { get; } = Of(fields, "category");
    public int Type { get; } = Of(fields, "type");
    public int Severity { get; } = Of(fields, "severity");
    public int Outcome { get; } = Of(fields, "outcome");
    public int EventTime { get; } = Of(fields, "event_time");
    public int ReceivedAt { get; } = Of(fields, "received_at");
    public int SourceSystem { get; } = Of(fields, "source_system");
    public int Host { get; } = Of(fields, "host");
    public int Program { get; } = Of(fields, "program");
    public int Pid { get; } = Of(fields, "pid");
    public int Message { get; } = Of(fields, "message");
    public int User { get; } = Of(fields, "user");
    public int SourceAddress { get; } = Of(fields, "source_ip");
    public int DestinationAddress { get; } = Of(fields, "destination_ip");
    public int Asset { get; } = Of(fields, "asset");
    public int AssetId { get; } = Of(fields, "asset_id");
    public int AssetCriticality { get; } = Of(fields, "asset_criticality");
    public int IdentityRole { get; } = Of(fields, "identity_role");
    public int SourceCountry { get; } = Of(fields, "source_country");
    public int SourceAsn { get; } = Of(fields, "source_asn");
    public int ClockDrift { get; } = Of(fields, "clock_drift");
    public int Tags { get; } = Of(fields, "tags");
    public int RepeatCount { get; } = Of(fields, "repeat_count");
    public int OcsfClass { get; } = Of(fields, "ocsf_class");

    static int Of(FieldTable fields, string name) =>
        fields.Find(name)?.Ordinal
        ?? throw new InvalidOperationException($"The field table has no canonical field '{name}'.");
}
