using System.Text;
using System.Text.Json;
using Sentinel.Siem.Correlation;
using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Findings;

/// <summary>A hit as one line of JSON, the same to the byte whoever derives it.</summary>
public static class HitJson
{
    /// <summary>With every event of the match.</summary>
    public static string Of(CorrelationHit hit) => Of(hit, hit.Events);

    /// <summary>
    /// Of a later match, with its completing event alone: its window holds what the matches before it held,
    /// and a flood must not be written down once for each of its lines.
    /// </summary>
    public static string OfLater(CorrelationHit hit) => Of(hit, [.. hit.Events.TakeLast(1)]);

    static string Of(CorrelationHit hit, IReadOnlyList<HitEvent> events)
    {
        var named = events.Select(found => found.EventId).ToHashSet();
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, StableJson.Options))
        {
            json.WriteStartObject();
            json.WriteString("id", hit.Id);
            json.WriteString("rule", hit.RuleName);
            json.WriteString("rule_id", hit.RuleId);
            json.WriteString("policy_sha256", hit.PolicySha256);
            json.WriteString("finding_id", hit.FindingId);
            json.WriteBoolean("suppressed", hit.Suppressed);
            json.WriteString("type", hit.FindingType);
            json.WriteNumber("severity", hit.Severity);
            json.WriteNumber("confidence", hit.Confidence);
            WriteTexts(json, "reasons", hit.Reasons);
            json.WriteString("message", Storable.Text(hit.Message));
            WriteMap(json, "key", hit.Key);
            WriteMap(json, "fields", Sorted(hit.Fields));
            json.WriteString("first", StableJson.TimeText(hit.First));
            json.WriteString("last", StableJson.TimeText(hit.Last));
            json.WriteNumber("count", hit.Count);
            WriteTexts(json, "asset_ids", hit.AssetIds.Select(id => id.ToString()));
            json.WriteStartArray("steps");
            foreach (var step in hit.Steps)
                WriteStep(json, step, named);
            json.WriteEndArray();
            json.WriteStartArray("events");
            foreach (var found in events)
                WriteEvent(json, found);
            json.WriteEndArray();
            if (hit.From.Count > 0)
                WriteTexts(json, "from", hit.From.Select(cause => cause.HitId.ToString()));
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    internal static string Of(IReadOnlyDictionary<string, string> fields) =>
        Object(json => WriteMembers(json, Sorted(fields)));

    internal static string Of(IReadOnlyList<KeyValuePair<string, string>> key) =>
        Object(json => WriteMembers(json, key));

    internal static string Of(IReadOnlyList<string> texts)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, StableJson.Options))
        {
            json.WriteStartArray();
            foreach (var text in texts)
                json.WriteStringValue(Storable.Text(text));
            json.WriteEndArray();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
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

    static void WriteStep(Utf8JsonWriter json, HitStep step, HashSet<Guid> named)
    {
        json.WriteStartObject();
        json.WriteString("selector", step.Selector);
        json.WriteBoolean("absent", step.Absent);
        if (step.First is { } first)
            json.WriteString("first", StableJson.TimeText(first));
        if (step.Last is { } last)
            json.WriteString("last", StableJson.TimeText(last));
        json.WriteNumber("events", step.EventIds.Count);
        WriteTexts(json, "event_ids", step.EventIds.Where(named.Contains).Select(id => $"{id}"));
        json.WriteEndObject();
    }

    static void WriteEvent(Utf8JsonWriter json, HitEvent found)
    {
        json.WriteStartObject();
        json.WriteString("event_id", found.EventId);
        json.WriteString("raw_event_id", found.RawEventId);
        json.WriteString("key_time", StableJson.TimeText(found.KeyTime));
        json.WriteString("event_time", StableJson.TimeText(found.EventTime));
        json.WriteString("input", found.InputKey);
        json.WriteNumber("line", found.Line);
        json.WriteEndObject();
    }

    static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
            json.WriteStringValue(Storable.Text(text));
        json.WriteEndArray();
    }

    static void WriteMap(
        Utf8JsonWriter json,
        string name,
        IEnumerable<KeyValuePair<string, string>> members
    )
    {
        json.WriteStartObject(name);
        WriteMembers(json, members);
        json.WriteEndObject();
    }

    static void WriteMembers(Utf8JsonWriter json, IEnumerable<KeyValuePair<string, string>> members)
    {
        foreach (var (name, value) in members)
            json.WriteString(name, Storable.Text(value));
    }

    static IOrderedEnumerable<KeyValuePair<string, string>> Sorted(
        IReadOnlyDictionary<string, string> fields
    ) => fields.OrderBy(member => member.Key, StringComparer.Ordinal);
}
