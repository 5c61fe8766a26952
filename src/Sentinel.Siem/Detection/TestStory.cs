using System.Globalization;
using System.Text;
using Sentinel.Policies;
using Sentinel.Policies.Model;
using Sentinel.Siem.Correlation;
using Sentinel.Siem.Enrichment;
using Sentinel.Siem.Explain;

namespace Sentinel.Siem.Detection;

/// <param name="At">Since the start of the test.</param>
sealed record TestLine(TestInput Input, TimeSpan At);

/// <summary>What a rule made of the lines of a test that failed, for somebody who is tired.</summary>
sealed class TestStory(
    Policy policy,
    RuleDeclaration rule,
    IReadOnlyList<TestLine> lines,
    DateTimeOffset start
)
{
    const int LeftOutMax = 5;
    const int HitsMax = 5;

    readonly SelectionAsker asker = new(rule.Pattern);

    public IReadOnlyList<string> Tell(
        IReadOnlyList<EnrichedEvent> events,
        IReadOnlyList<CorrelationHit> hits
    ) =>
        [
            .. asker.Selections.SelectMany(selection => Taken(selection, events)),
            .. LeftOut(events),
            .. hits.Count > 0
                ? []
                : new Shortfall(policy.Fields, rule, policy.Rules, events).Tell(),
            .. hits.Where(hit => !hit.Suppressed).Take(HitsMax).SelectMany(Found),
            .. Suppressed(hits),
        ];

    IEnumerable<string> Taken(EventSelector selection, IReadOnlyList<EnrichedEvent> events)
    {
        var taken = events.Where(e => asker.Ask(selection, e).Takes).ToList();
        if (taken.Count == 0 && !selection.TakesHits())
            yield return $"{selection.Name} took no line";
        foreach (var same in taken.GroupBy(e => LineOf(e).Input))
        {
            var (first, last) = (Said(same.First()), Said(same.Last()));
            var when = first == last ? $"at {first}" : $"from {first} to {last}";
            var often = same.Count() == 1 ? "" : $"{same.Count()} times ";
            yield return $"{selection.Name} took {often}{when} {Quoted(same.Key)}";
        }
    }

    /// <summary>Lines that no selection takes, with what the nearest one has against them.</summary>
    IEnumerable<string> LeftOut(IReadOnlyList<EnrichedEvent> events) =>
        events
            .Where(e => !asker.Ask(e).Any(s => s.Takes))
            .DistinctBy(e => LineOf(e).Input)
            .Take(LeftOutMax)
            .SelectMany(LeftOut);

    IEnumerable<string> LeftOut(EnrichedEvent enriched)
    {
        var type = $"{enriched.Event.Category}.{enriched.Event.Type}";
        yield return $"nothing took {Said(enriched)} {Quoted(LineOf(enriched).Input)}, "
            + $"which {enriched.Event.Source.Name} reads as {type}";
        var nearest = asker
            .Ask(enriched)
            .OrderByDescending(s => s.OfItsType)
            .ThenBy(s => s.Predicates.Count)
            .FirstOrDefault();
        foreach (var against in nearest?.Predicates ?? [])
            yield return $"  {nearest!.Selection}: {against.Said}";
    }

    IEnumerable<string> Found(CorrelationHit hit)
    {
        yield return $"found \"{hit.Message}\" at {Said(hit.Last)}, confidence {hit.Confidence}";
        foreach (var reason in hit.Reasons)
            yield return $"  {reason}";
        foreach (var step in hit.Steps)
            yield return step.Absent
                ? $"  no {step.Selector} came"
                : $"  {step.Selector}: {step.EventIds.Count}"
                    + $" from {Said(step.First!.Value)} to {Said(step.Last!.Value)}";
    }

    static IEnumerable<string> Suppressed(IReadOnlyList<CorrelationHit> hits)
    {
        var count = hits.Count(hit => hit.Suppressed);
        if (count > 0)
            yield return $"'once per' counted {count} later on them";
    }

    TestLine LineOf(EnrichedEvent enriched)
    {
        var raw = enriched.Event.Raw;
        if (raw.InputKey == TestPolicies.InputKey)
            return lines[(int)raw.Line - 1];
        var text = Encoding.UTF8.GetString(raw.PayloadBytes.Span);
        var since = enriched.Event.EventTime - start;
        return new TestLine(new TestInput(TimeSpan.Zero, text, 1, TimeSpan.Zero), since);
    }

    string Said(EnrichedEvent enriched) => Said(enriched.Event.EventTime);

    string Said(DateTimeOffset time) => Said(time - start);

    /// <summary>Since the start of the test.</summary>
    public static string Said(TimeSpan since)
    {
        var form = since.TotalHours >= 1 ? @"hh\:mm\:ss" : @"mm\:ss";
        var days = since.Days > 0 ? $"{since.Days}d " : "";
        return days + since.ToString(form, CultureInfo.InvariantCulture);
    }

    static string Quoted(TestInput input) => $"\"{TestPolicies.Short(input.Line)}\"";
}
