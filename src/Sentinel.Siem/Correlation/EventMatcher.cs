using System.Runtime.InteropServices;
using Sentinel.Policies.Matching;
using Sentinel.Policies.Model;
using Sentinel.Siem.Enrichment;

namespace Sentinel.Siem.Correlation;

/// <summary>Which rules take an event, asked of all of them together.</summary>
sealed class EventMatcher
{
    readonly RuleMatcher[] rules;
    readonly int[] ruleOf;
    readonly int[] firstOf;
    readonly SelectorIndex index;
    readonly SelectorMatcher selectors;
    readonly List<RuleMatch> several = [];

    public EventMatcher(FieldTable fields, IReadOnlyList<RuleDeclaration> declared)
    {
        List<RuleDeclaration> takers = [.. declared.Where(rule => rule.Pattern.TakesHits)];
        rules =
        [
            .. declared.Select(
                (rule, i) => new RuleMatcher(rule, i, fields, RuleReads.OfHits(rule, takers))
            ),
        ];
        ruleOf = [.. rules.SelectMany(r => r.Selectors.Select(_ => r.Index))];
        firstOf = [.. rules.Select(r => Array.IndexOf(ruleOf, r.Index))];
        index = new SelectorIndex(rules.SelectMany(r => r.Selectors));
        selectors = index.NewMatcher();
    }

    EventMatcher(EventMatcher other)
    {
        (rules, ruleOf, firstOf, index) = (other.rules, other.ruleOf, other.firstOf, other.index);
        selectors = index.NewMatcher();
    }

    /// <summary>The same rules, beside this one: a matcher is for one thread at a time.</summary>
    public EventMatcher ForAnotherThread() => new(this);

    public IReadOnlyList<RuleMatcher> Rules => rules;

    /// <summary>Adds the event's matches, in the order of the rules.</summary>
    public void Match(EnrichedEvent enriched, bool late, List<RuleMatch> matches)
    {
        var taking = selectors.Match(enriched.Event.Category, enriched.Event.Type, enriched);
        while (!taking.IsEmpty)
        {
            var (rule, count) = NextOf(taking);
            rules[rule].Match(taking[..count], firstOf[rule], enriched, late, matches);
            taking = taking[count..];
        }
    }

    /// <summary>The same as bytes, mostly without an object for any of them.</summary>
    public void Match(EnrichedEvent enriched, bool late, MatchBytes matches)
    {
        var taking = selectors.Match(enriched.Event.Category, enriched.Event.Type, enriched);
        while (!taking.IsEmpty)
        {
            var (rule, count) = NextOf(taking);
            if (count == 1)
                matches.Enqueue(rules[rule], taking[0] - firstOf[rule], enriched, late);
            else
                EnqueueSeveral(taking[..count], rule, enriched, late, matches);
            taking = taking[count..];
        }
    }

    void EnqueueSeveral(
        ReadOnlySpan<int> taking,
        int rule,
        EnrichedEvent enriched,
        bool late,
        MatchBytes matches
    )
    {
        several.Clear();
        rules[rule].Match(taking, firstOf[rule], enriched, late, several);
        foreach (ref readonly var match in CollectionsMarshal.AsSpan(several))
            matches.Enqueue(match);
    }

    /// <summary>The first rule among them, and how many of its selectors come first.</summary>
    (int Rule, int Count) NextOf(ReadOnlySpan<int> taking)
    {
        var rule = ruleOf[taking[0]];
        var count = 1;
        while (count < taking.Length && ruleOf[taking[count]] == rule)
            count++;
        return (rule, count);
    }
}
