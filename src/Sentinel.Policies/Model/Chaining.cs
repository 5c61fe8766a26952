namespace Sentinel.Policies.Model;

/// <summary><c>risk 40 to login.user as user</c></summary>
/// <param name="Of">The value of the thing, in the hit.</param>
/// <param name="Entity">What kind of thing it is: rules take its risk as <c>risk of user</c>.</param>
public sealed record RiskLine(int Points, MessagePart Of, Field Entity);

/// <summary>Rules over what other rules found. They never go in a circle.</summary>
public static class Chaining
{
    /// <summary>The category of a hit, as other rules see it; its type is the rule's name.</summary>
    public const string Hit = "hit";

    /// <summary>The category of what a hit adds to a risk; its type is the kind of thing.</summary>
    public const string Risk = "risk";

    public static bool TakesHits(this EventSelector selector) => selector.Category is Hit or Risk;

    public static bool Takes(this EventSelector selector, RuleDeclaration other) =>
        selector.HitsOf.Contains(other.Name)
        || (selector.Category == Risk && other.Risks.Any(r => r.Entity.Name == selector.Type));

    public static bool TakesFrom(this RuleDeclaration rule, RuleDeclaration other) =>
        rule.Pattern.Selectors.Any(s => s.Takes(other));

    /// <summary>The rule and all that it builds on.</summary>
    public static IReadOnlyList<RuleDeclaration> With(
        this RuleDeclaration rule,
        IReadOnlyList<RuleDeclaration> all
    )
    {
        var found = new List<RuleDeclaration> { rule };
        for (var i = 0; i < found.Count; i++)
            if (found[i].Pattern.TakesHits)
                found.AddRange(all.Where(o => found[i].TakesFrom(o) && !found.Contains(o)));
        return found;
    }
}
