using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Sentinel.Siem.Correlation;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Siem.Detection;

/// <summary>What <c>detect --json</c> prints, one object a line, in the words that scripts rely on.</summary>
public static class DetectJson
{
    // What most need; it grows where a hit has many events.
    const int LineBytes = 4096;

    static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Line(DetectedHit detected) =>
        Write(json =>
        {
            var hit = detected.Hit;
            json.WriteString("kind", "hit");
            json.WriteString("rule", hit.RuleName);
            json.WriteString("rule_id", hit.GivenRuleId ?? hit.RuleId);
            json.WriteString("policy_sha256", hit.PolicySha256);
            json.WriteString("type", hit.FindingType);
            json.WriteNumber("severity", hit.Severity);
            json.WriteNumber("confidence", hit.Confidence);
            json.WriteStartObject("key");
            foreach (var (name, value) in hit.Key)
                json.WriteString(name, value);
            json.WriteEndObject();
            json.WriteString("first", Timestamps.ToText(hit.First));
            json.WriteString("last", Timestamps.ToText(hit.Last));
            json.WriteNumber("count", hit.Count);
            json.WriteStartArray("events");
            foreach (var held in hit.Events)
            {
                json.WriteStartObject();
                json.WriteString("file", held.InputKey);
                json.WriteNumber("line", held.Line);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("reasons");
            foreach (var reason in hit.Reasons)
                json.WriteStringValue(reason);
            json.WriteEndArray();
            if (hit.From.Count > 0)
                WriteFrom(json, hit.From);
            json.WriteString("message", hit.Message);
            json.WriteString("id", hit.Id);
            json.WriteString("finding_id", hit.FindingId);
            json.WriteBoolean("later_match", hit.Suppressed);
            json.WriteNumber("suppressed", detected.Suppressed);
            if (hit.Excepted is { } because)
                json.WriteString("excepted", because);
        });

    public static string Line(DetectSummary summary) =>
        Write(json =>
        {
            var seconds = summary.Elapsed.TotalSeconds;
            json.WriteString("kind", "summary");
            json.WriteNumber("events", summary.Events);
            json.WriteNumber("normalised", summary.Normalised);
            json.WriteNumber("unparsed", summary.Unparsed);
            json.WriteNumber("duplicates", summary.Duplicates);
            json.WriteNumber("late", summary.Late);
            json.WriteNumber("rules", summary.Rules);
            json.WriteNumber("hits", summary.Hits);
            json.WriteNumber("excepted", summary.Excepted);
            json.WriteNumber("seconds", Math.Round(seconds, 3));
            json.WriteNumber("loading_seconds", Math.Round(summary.Loading.TotalSeconds, 3));
            json.WriteNumber(
                "events_per_second",
                seconds > 0 ? (long)(summary.Events / seconds) : 0
            );
            json.WriteNumber("peak_rss_mib", summary.PeakMemoryBytes / (1024 * 1024));
            json.WriteStartArray("unparsed_reasons");
            foreach (var (reason, count) in summary.UnparsedReasons)
            {
                json.WriteStartObject();
                json.WriteString("reason", reason);
                json.WriteNumber("count", count);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        });

    static void WriteFrom(Utf8JsonWriter json, IReadOnlyList<HitCause> from)
    {
        json.WriteStartArray("from");
        foreach (var cause in from)
        {
            json.WriteStartObject();
            json.WriteString("id", cause.HitId);
            json.WriteString("rule", cause.Rule);
            if (cause.Risk is { } risk)
                json.WriteNumber("risk", risk);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    static string Write(Action<Utf8JsonWriter> members)
    {
        var bytes = new ArrayBufferWriter<byte>(LineBytes);
        using (var json = new Utf8JsonWriter(bytes, Options))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }
}
