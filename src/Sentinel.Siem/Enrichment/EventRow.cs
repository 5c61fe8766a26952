using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Json;
using Sentinel.Policies.Model;
using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Enrichment;

/// <summary>An event as it is stored: the columns of the specification, and every other field by name.</summary>
public sealed record EventRow
{
    public required Guid Id { get; init; }

    public required DateTimeOffset KeyTime { get; init; }

    public required Guid RawEventId { get; init; }

    /// <summary>The source declaration that read it.</summary>
    public required string Declaration { get; init; }

    public required string Category { get; init; }

    public required string Type { get; init; }

    public required int Severity { get; init; }

    public Guid? AssetId { get; init; }

    public Guid? UserId { get; init; }

    public IPAddress? SourceIp { get; init; }

    public IPAddress? DestinationIp { get; init; }

    public required DateTimeOffset EventTime { get; init; }

    public required int Repeated { get; init; }

    /// <summary>Canonical JSON: names sorted, numbers as a double or a long is written.</summary>
    public required string FieldsJson { get; init; }

    public required IReadOnlyList<EventEnrichment> Enrichments { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    internal static EventRow From(EnrichedEvent enriched, FieldTable fields)
    {
        var found = enriched.Event;
        object? Value(string name) =>
            fields.Find(name) is { } field ? enriched[field.Ordinal] : null;
        return new EventRow
        {
            Id = found.Id,
            KeyTime = found.KeyTime,
            RawEventId = found.RawEventId,
            Declaration = found.Source.Name,
            Category = found.Category,
            Type = found.Type,
            Severity = found.Severity,
            AssetId = enriched.AssetId,
            UserId = enriched.IdentityId,
            SourceIp = Value("source_ip") as IPAddress,
            DestinationIp = Value("destination_ip") as IPAddress,
            EventTime = found.EventTime,
            Repeated = found.RepeatCount,
            FieldsJson = Write(enriched, fields),
            Enrichments = enriched.Enrichments,
            Tags = [.. (Value("tags") as IEnumerable<string> ?? []).Select(Tag).Distinct()],
        };
    }

    const int TagCharsMax = 200;

    static string Tag(string tag) =>
        Storable.Text(tag.Length <= TagCharsMax ? tag : tag[..TagCharsMax]);

    // Written as StableJson writes, without the way through a document: every event comes by here.
    static string Write(EnrichedEvent enriched, FieldTable fields)
    {
        var text = new ArrayBufferWriter<byte>(TextBytesUsual);
        using var json = new Utf8JsonWriter(text, StableJson.Options);
        json.WriteStartObject();
        foreach (var field in fields.ByName)
            if (enriched[field.Ordinal] is { } value)
                WriteValue(json, field.Name, value);
        json.WriteEndObject();
        json.Flush();
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    // From here on the shortest text of a double has an exponent.
    const double WholeMax = 1e15;
    const int TextBytesUsual = 1024;

    static void WriteValue(Utf8JsonWriter json, string name, object value)
    {
        switch (value)
        {
            case string text:
                json.WriteString(name, Storable.Text(text));
                break;
            case long number:
                json.WriteNumber(name, number);
                break;
            case int number:
                json.WriteNumber(name, number);
                break;
            case double number when double.IsInteger(number) && Math.Abs(number) < WholeMax:
                json.WriteNumber(name, (long)number);
                break;
            case double number when double.IsFinite(number):
                json.WriteNumber(name, number);
                break;
            case bool truth:
                json.WriteBoolean(name, truth);
                break;
            case IPAddress address:
                json.WriteString(name, address.ToString());
                break;
            case DateTimeOffset time:
                json.WriteString(name, StableJson.TimeText(time));
                break;
            case IEnumerable<string> texts:
                json.WriteStartArray(name);
                foreach (var text in texts)
                    json.WriteStringValue(Storable.Text(text));
                json.WriteEndArray();
                break;
        }
    }
}
