using System.Text.Json;
using Sentinel.Policies.Model;
using Sentinel.Siem.Search;

namespace Sentinel.Siem.Explain;

/// <summary>The steps of a stored hit, each event asked again with the values that were stored with it.</summary>
static class FindingSteps
{
    /// <param name="rule">Null for what the engine itself finds: then no predicate was asked.</param>
    public static IReadOnlyList<ExplainedStep> Of(
        string hitJson,
        RuleDeclaration? rule,
        IReadOnlyList<SeenEvent> seen
    )
    {
        using var hit = JsonDocument.Parse(hitJson);
        var asker = rule is null ? null : new SelectionAsker(rule.Pattern);
        IReadOnlyList<Field> reads = rule is null ? [] : [.. ReadsOf(rule.Pattern)];
        var byId = seen.ToDictionary(one => one.Event.Id);
        return
        [
            .. hit
                .RootElement.GetProperty("steps")
                .EnumerateArray()
                .Select(step => new ExplainedStep(
                    step.GetProperty("selector").GetString()!,
                    step.GetProperty("absent").GetBoolean(),
                    [
                        .. step.GetProperty("event_ids")
                            .EnumerateArray()
                            .Select(id => Event(step, id.GetGuid())),
                    ]
                )),
        ];

        ExplainedEvent Event(JsonElement step, Guid id)
        {
            if (!byId.TryGetValue(id, out var one))
                return new ExplainedEvent(id, null, 0, null, "", []);
            var name = step.GetProperty("selector").GetString();
            var selector = asker?.Selections.FirstOrDefault(s => s.Name == name);
            return new ExplainedEvent(
                id,
                one.Place,
                one.Raw.Raw.Line,
                one.Event.EventTime,
                one.Line,
                selector is null || selector.TakesHits()
                    ? []
                    : asker!.Ask(selector, Asked(one, reads)).Predicates
            );
        }
    }

    static AskedEvent Asked(SeenEvent seen, IReadOnlyList<Field> reads) =>
        new(seen.Event.Category, seen.Event.Type, new StoredValues(seen.Event.FieldsJson, reads));

    static IEnumerable<Field> ReadsOf(Pattern pattern) =>
        pattern
            .Selectors.SelectMany(selector => selector.Conditions)
            .SelectMany(condition => condition.Reads)
            .Concat(pattern.By.Values.SelectMany(fields => fields))
            .DistinctBy(field => field.Ordinal);
}
