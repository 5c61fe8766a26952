using System.Text;
using System.Text.Json;
using Sentinel.Siem.Enrichment;
using Sentinel.Siem.Findings;
using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Evidence;

/// <summary>The lines of a package's JSON files: fixed order of members, nothing that changes later.</summary>
static class PackageJson
{
    /// <summary>Without status and case: those come after the seal.</summary>
    public static string Finding(Finding finding) =>
        Object(json =>
        {
            json.WriteString("id", finding.Id);
            json.WriteString("organisation_id", finding.OrganisationId);
            json.WriteString("type", finding.Type);
            json.WriteNumber("severity", finding.Severity);
            json.WriteNumber("confidence", finding.Confidence);
            json.WriteString("created_at", StableJson.TimeText(finding.CreatedAt));
            json.WriteString("summary", Storable.Text(finding.Summary));
            json.WriteStartObject("fields");
            foreach (
                var (name, value) in finding.Fields.OrderBy(f => f.Key, StringComparer.Ordinal)
            )
                json.WriteString(name, Storable.Text(value));
            json.WriteEndObject();
            json.WriteStartArray("asset_ids");
            foreach (var id in finding.AssetIds)
                json.WriteStringValue(id);
            json.WriteEndArray();
        });

    /// <summary>From the bytes over the event to the finding: every link by id and hash.</summary>
    public static string Provenance(PackageContents contents) =>
        Object(json =>
        {
            var finding = contents.Finding;
            json.WriteString("finding_id", finding.Id);
            json.WriteString("hit_id", finding.HitId);
            json.WriteString("rule", finding.RuleName);
            json.WriteString("rule_id", finding.RuleId);
            json.WriteString("policy_sha256", finding.PolicySha256);
            json.WriteStartArray("events");
            foreach (var row in contents.Events.OrderBy(row => row.EventTime).ThenBy(row => row.Id))
            {
                json.WriteStartObject();
                json.WriteString("event_id", row.Id);
                json.WriteString("raw_event_id", row.RawEventId);
                json.WriteString("source_declaration", row.Declaration);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        });

    public static string Event(EventRow row) =>
        Object(json =>
        {
            json.WriteString("id", row.Id);
            json.WriteString("raw_event_id", row.RawEventId);
            json.WriteString("event_category", row.Category);
            json.WriteString("event_type", row.Type);
            json.WriteNumber("severity", row.Severity);
            WriteNullable(json, "asset_id", row.AssetId?.ToString());
            WriteNullable(json, "user_id", row.UserId?.ToString());
            WriteNullable(json, "source_ip", row.SourceIp?.ToString());
            WriteNullable(json, "destination_ip", row.DestinationIp?.ToString());
            json.WriteString("event_time", StableJson.TimeText(row.EventTime));
            json.WriteNumber("repeated", row.Repeated);
            json.WritePropertyName("fields");
            json.WriteRawValue(row.FieldsJson);
            json.WriteStartArray("tags");
            foreach (var tag in row.Tags.Order(StringComparer.Ordinal))
                json.WriteStringValue(tag);
            json.WriteEndArray();
        });

    public static IEnumerable<string> Enrichment(EventRow row) =>
        row.Enrichments.Select(one =>
            Object(json =>
            {
                json.WriteString("event_id", row.Id);
                json.WriteString("enrichment_type", one.EnrichmentType);
                json.WritePropertyName("enrichment_data");
                json.WriteRawValue(StableJson.Of(one.Data));
            })
        );

    public static string Place(StoredRawEvent row, string file, long offset) =>
        Object(json =>
        {
            var raw = row.Raw;
            json.WriteString("id", row.Id);
            json.WriteString("file", file);
            json.WriteNumber("offset", offset);
            json.WriteNumber("length", raw.PayloadBytes.Length);
            json.WriteString("payload_sha256", raw.PayloadHash.ToString());
            json.WriteString("source_id", raw.SourceId);
            json.WriteString("source_system", raw.SourceSystem);
            json.WriteNumber("index", raw.Index);
            json.WriteNumber("line", raw.Line);
            json.WriteString("position", raw.Position.ToString());
            json.WriteNumber("delivery", raw.Delivery);
            json.WriteString("received_at", StableJson.TimeText(raw.ReceivedAt));
            json.WriteString("ingestion_node", raw.IngestionNode);
        });

    static void WriteNullable(Utf8JsonWriter json, string name, string? value)
    {
        if (value is null)
            json.WriteNull(name);
        else
            json.WriteString(name, value);
    }

    static string Object(Action<Utf8JsonWriter> members)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, StableJson.Options))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
