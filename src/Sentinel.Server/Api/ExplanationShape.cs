using System.Text.Json;
using Sentinel.Siem.Explain;

namespace Sentinel.Server.Api;

/// <summary>An explanation as JSON: the same for the command line and the API.</summary>
public static class ExplanationShape
{
    public static object Of(FindingExplanation explanation)
    {
        using var hit = JsonDocument.Parse(explanation.HitJson);
        return new
        {
            explanation.Finding,
            Seen = explanation.Seen.Select(seen => new
            {
                seen.Event.Id,
                RawEventId = seen.Raw.Id,
                seen.Event.EventTime,
                Source = seen.Event.Declaration,
                seen.Event.Category,
                seen.Event.Type,
                seen.Event.Severity,
                seen.Event.Tags,
                Fields = FieldsOf(seen.Event.FieldsJson),
                seen.Place,
                seen.Raw.Raw.Line,
                Text = seen.Line,
            }),
            explanation.RulePath,
            explanation.RuleText,
            Hit = hit.RootElement.Clone(),
            explanation.Window,
            explanation.Steps,
            explanation.Exceptions,
            explanation.Causes,
            explanation.LaterMatches,
            explanation.Later,
            explanation.Excepted,
            explanation.Settlement,
            explanation.Packages,
            explanation.Escalations,
        };
    }

    static JsonElement FieldsOf(string json)
    {
        using var fields = JsonDocument.Parse(json);
        return fields.RootElement.Clone();
    }
}
