using System.Runtime.InteropServices;
using Sentinel.Policies.Model;
using Sentinel.Siem.Enrichment;

namespace Sentinel.Siem.Correlation;

/// <summary>Which rules take an event: asked only of those that name its category and type.</summary>
sealed class EventMatcher
{
    readonly RuleMatcher[] rules;
    readonly Dictionary<(string Category, string Type), RuleMatcher[]> byType = [];

    public EventMatcher(FieldTable fields, IReadOnlyList<RuleDeclaration> declared)
        : this([.. declared.Select((rule, index) => new RuleMatcher(rule, index, fields))]) { }

    EventMatcher(RuleMatcher[] rules) => this.rules = rules;

    /// <summary>The same rules, beside this one: a matcher is for one thread at a time.</summary>
    public EventMatcher ForAnotherThread() => new(rules);

    public IReadOnlyList<RuleMatcher> Rules => rules;

    /// <summary>Adds the event's matches, in the order of the rules.</summary>
    public void Match(EnrichedEvent enriched, bool late, List<RuleMatch> matches)
    {
        var type = (enriched.Event.Category, enriched.Event.Type);
        ref var candidates = ref CollectionsMarshal.GetValueRefOrAddDefault(byType, type, out _);
        candidates ??= [.. rules.Where(r => r.Selectors.Any(s => MayTake(s, type)))];
        foreach (var rule in candidates)
            rule.Match(enriched, late, matches);
    }

    static bool MayTake(EventSelector selector, (string Category, string Type) type) =>
        (selector.Category is null || selector.Category == type.Category)
        && (selector.Type is null || selector.Type == type.Type);
}
