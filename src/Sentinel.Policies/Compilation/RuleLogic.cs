using System.Globalization;
using System.Text;
using System.Text.Json;
using Sentinel.Policies.Model;

namespace Sentinel.Policies.Compilation;

/// <summary>The compiled form of a rule as JSON, for people who want to read what ran.</summary>
static class RuleLogic
{
    public static string Write(RuleDeclaration rule)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("rule", rule.Name);
            json.WriteString("id", rule.Id);
            json.WriteString("policy_sha256", rule.Text.Sha256);
            json.WriteString("description", rule.Description);
            json.WriteNumber("severity", rule.Severity);
            WriteTexts(json, "attack", rule.Attack);
            WriteMetadata(json, rule.Metadata);
            WritePattern(json, rule.Pattern);
            WriteConfidence(json, rule.Confidence);
            json.WriteString("raises", rule.Raise.FindingType);
            json.WriteString(
                "message",
                string.Concat(rule.Raise.Message.Select(p => Said(p, rule)))
            );
            if (rule.Once is { } once)
            {
                WriteTexts(json, "once_per", once.Per.Select(p => Said(p, rule)));
                json.WriteNumber("once_in_seconds", once.In.TotalSeconds);
            }
            if (rule.Exceptions.Count > 0)
                WriteTexts(json, "exceptions", rule.Exceptions.Select(Said));
            if (rule.Risks.Count > 0)
                WriteTexts(
                    json,
                    "risks",
                    rule.Risks.Select(r => $"{r.Points} to {Said(r.Of, rule)} as {r.Entity.Name}")
                );
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>Only what the text says.</summary>
    static void WriteMetadata(Utf8JsonWriter json, RuleMetadata metadata)
    {
        if (metadata == new RuleMetadata())
            return;
        json.WriteStartObject("metadata");
        if (metadata.Id is { } id)
            json.WriteString("id", id);
        (string Name, string? Text)[] texts =
        [
            ("title", metadata.Title),
            ("author", metadata.Author),
            ("license", metadata.License),
            ("status", metadata.Status),
            ("level", metadata.Level),
            ("date", metadata.Date?.ToString("O", CultureInfo.InvariantCulture)),
            ("modified", metadata.Modified?.ToString("O", CultureInfo.InvariantCulture)),
        ];
        foreach (var (name, text) in texts)
            if (text is not null)
                json.WriteString(name, text);
        (string Name, ValueList<string> Texts)[] lists =
        [
            ("references", metadata.References),
            ("tags", metadata.Tags),
            ("false_positives", metadata.FalsePositives),
            ("related", [.. metadata.Related.Select(r => $"{r.How} {r.Id}")]),
        ];
        foreach (var (name, list) in lists)
            if (list.Count > 0)
                WriteTexts(json, name, list);
        json.WriteEndObject();
    }

    static void WritePattern(Utf8JsonWriter json, Pattern pattern)
    {
        json.WriteStartObject("pattern");
        json.WriteStartArray("selections");
        foreach (var selector in pattern.Selectors)
        {
            json.WriteStartObject();
            json.WriteString("name", selector.Name);
            json.WriteString("event", $"{selector.Category ?? "*"}.{selector.Type ?? "*"}");
            if (selector.HitsOf.Count > 0)
                WriteTexts(json, "hits_of", selector.HitsOf);
            WriteTexts(json, "where", selector.Conditions.Select(c => c.Text));
            WriteTexts(json, "key", pattern.By[selector.Name].Select(f => f.Name));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        WriteTexts(json, "key", pattern.KeyNames);
        switch (pattern)
        {
            case Pattern.Single:
                json.WriteString("kind", "each");
                break;
            case Pattern.Aggregate aggregate:
                json.WriteString("kind", "aggregate");
                WriteWindow(json, aggregate.Window);
                json.WriteString("having", Said(aggregate.Having));
                break;
            case Pattern.Novel novel:
                json.WriteString("kind", novel.AtMost == 1 ? "first" : "rare");
                WriteTexts(json, "values", novel.Of.Select(f => f.Name));
                json.WriteNumber("at_most", novel.AtMost);
                json.WriteNumber("within_seconds", novel.Within.TotalSeconds);
                json.WriteNumber("after_seconds", novel.After.TotalSeconds);
                break;
            case Pattern.Unusual unusual:
                json.WriteString("kind", "unusual");
                json.WriteNumber("per_seconds", unusual.Per.TotalSeconds);
                json.WriteNumber("over_seconds", unusual.Over.TotalSeconds);
                json.WriteNumber("after_seconds", unusual.After.TotalSeconds);
                json.WriteString("having", Said(unusual.Having));
                break;
            case Pattern.AnyOrder any:
                json.WriteString("kind", "all of");
                json.WriteNumber("within_seconds", any.Within.TotalSeconds);
                json.WriteStartArray("at_least");
                foreach (var atLeast in any.AtLeast)
                    json.WriteNumberValue(atLeast);
                json.WriteEndArray();
                break;
            case Pattern.Sequence sequence:
                json.WriteString("kind", "sequence");
                json.WriteNumber("within_seconds", sequence.Within.TotalSeconds);
                WriteSteps(json, sequence.Steps);
                WriteTexts(json, "until", sequence.Until.Select(u => u.Name));
                break;
        }
        json.WriteEndObject();
    }

    static void WriteWindow(Utf8JsonWriter json, Window window)
    {
        json.WriteNumber("within_seconds", window.Within.TotalSeconds);
        switch (window)
        {
            case Window.Hopping hopping:
                json.WriteNumber("every_seconds", hopping.Every.TotalSeconds);
                break;
            case Window.Session session:
                json.WriteNumber("session_at_most_seconds", session.AtMost.TotalSeconds);
                break;
        }
    }

    static string Said(Having having) =>
        having switch
        {
            Having.Reaches reaches => reaches.Threshold.Text,
            Having.All all => string.Join(" and ", all.Parts.Select(Joined)),
            Having.Any any => string.Join(" or ", any.Parts.Select(Joined)),
            _ => throw new InvalidOperationException("Thresholds joined in an unknown way."),
        };

    static string Said(RuleException exception) =>
        string.Join(" and ", exception.Conditions.Select(c => c.Text))
        + (exception.Until is { } until ? $" until {until:yyyy-MM-dd}" : "")
        + $" because \"{exception.Because}\"";

    static string Joined(Having part) => part is Having.Reaches ? Said(part) : $"({Said(part)})";

    static void WriteSteps(Utf8JsonWriter json, IReadOnlyList<SequenceStep> steps)
    {
        json.WriteStartArray("steps");
        foreach (var step in steps)
        {
            json.WriteStartObject();
            json.WriteString("selection", step.Selector.Name);
            json.WriteBoolean("absent", step.Absent);
            json.WriteNumber("at_least", step.AtLeast);
            if (step.AtLeastWithin is { } within)
                json.WriteNumber("at_least_within_seconds", within.TotalSeconds);
            if (step.After is { } after)
                json.WriteNumber("after_seconds", after.TotalSeconds);
            if (step.Without.Count > 0)
                WriteTexts(json, "without", step.Without.Select(w => w.Name));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    static void WriteConfidence(Utf8JsonWriter json, Confidence confidence)
    {
        json.WriteStartObject("confidence");
        json.WriteNumber("base", confidence.Base);
        WriteTexts(json, "lines", confidence.Lines.Select(l => l.Text));
        json.WriteEndObject();
    }

    static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    static string Said(MessagePart part, RuleDeclaration rule) =>
        part switch
        {
            MessagePart.Literal literal => literal.Text,
            MessagePart.Key key => $"{{{rule.Pattern.KeyNames[key.Index]}}}",
            MessagePart.OfEvent of => $"{{{of.Selector.Name}.{of.Field.Name}}}",
            MessagePart.OfAggregation of => $"{{{Said(of.Aggregation)}}}",
            _ => "",
        };

    static string Said(Aggregation aggregation)
    {
        var of = aggregation.Field is { } field
            ? $"{aggregation.Of.Name}.{field.Name}"
            : aggregation.Of.Name;
        return $"{aggregation.Function.ToString().ToLowerInvariant()}({of})";
    }
}
