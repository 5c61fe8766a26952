using Sentinel.Policies.Model;

namespace Sentinel.Policies.Matching;

/// <summary>What a field must show for one predicate to hold, and how often it is expected to.</summary>
sealed class LeafTriggers
{
    readonly Dictionary<string, int> uses = new(StringComparer.Ordinal);

    /// <param name="predicates">Of all rules: words that many of them use are common in events too.</param>
    public LeafTriggers(IEnumerable<Predicate> predicates)
    {
        foreach (var predicate in predicates)
        foreach (var trigger in TriggersOf(predicate).SelectMany(t => t))
            if (trigger.Kind == TriggerKind.Text)
                uses[trigger.Sought.Text] = uses.GetValueOrDefault(trigger.Sought.Text) + 1;
    }

    public Cover Of(Predicate predicate) =>
        predicate.Field is null ? Cover.Unknown : Cover.Any(TriggersOf(predicate).Select(Cheapest));

    Cover Cheapest(IEnumerable<Trigger> alternatives) =>
        alternatives.Select(t => new Cover([t], Cost(t))).MinBy(c => c.Cost);

    /// <summary>For each way to hold, the triggers of which any one is needed for it.</summary>
    static IEnumerable<IEnumerable<Trigger>> TriggersOf(Predicate predicate)
    {
        if (predicate.Field is not { Ordinal: var ordinal })
            return [];
        return predicate.Asked switch
        {
            PredicateTest.TextIs text => text.Wanted.SelectMany(v => OfText(ordinal, text, v)),
            PredicateTest.NumberIs { Comparison: Comparison.Equal } number => number.Wanted.Select(
                IEnumerable<Trigger> (v) => [new Trigger(ordinal, TriggerKind.Number, Number: v)]
            ),
            _ =>
            [
                [new Trigger(ordinal, TriggerKind.Present)],
            ],
        };
    }

    static IEnumerable<IEnumerable<Trigger>> OfText(
        int ordinal,
        PredicateTest.TextIs test,
        string value
    )
    {
        yield return test.Match switch
        {
            TextMatch.Equal => [OfLiteral(ordinal, value, SoughtPlace.Whole)],
            TextMatch.Contains => [OfLiteral(ordinal, value, SoughtPlace.Anywhere)],
            TextMatch.StartsWith => [OfLiteral(ordinal, value, SoughtPlace.Start)],
            TextMatch.EndsWith => [OfLiteral(ordinal, value, SoughtPlace.End)],
            TextMatch.Like => OfPattern(ordinal, LikePattern.Parse(value)),
        };
        if (test.OrByNumber && ValueText.Number(value) is { } number)
            yield return [new Trigger(ordinal, TriggerKind.Number, Number: number)];
    }

    static Trigger OfLiteral(int ordinal, string text, SoughtPlace place)
    {
        if (SoughtText.Within(text, place) is { } literal)
            return new Trigger(ordinal, TriggerKind.Text, literal);
        return new Trigger(ordinal, text is "" ? TriggerKind.Present : TriggerKind.BeyondAscii);
    }

    static IEnumerable<Trigger> OfPattern(int ordinal, LikePattern pattern)
    {
        var parts = pattern.Parts;
        return parts
            .Index()
            .Where(p => p.Item.Piece == LikePiece.Literal)
            .Select(p => OfLiteral(ordinal, p.Item.Text, PlaceOf(p.Index, parts.Count)))
            .DefaultIfEmpty(new Trigger(ordinal, TriggerKind.Present));
    }

    static SoughtPlace PlaceOf(int part, int partsCount) =>
        (part == 0, part == partsCount - 1) switch
        {
            (true, true) => SoughtPlace.Whole,
            (true, false) => SoughtPlace.Start,
            (false, true) => SoughtPlace.End,
            (false, false) => SoughtPlace.Anywhere,
        };

    // Guesses, which decide about speed alone.
    double Cost(in Trigger trigger) =>
        trigger.Kind switch
        {
            TriggerKind.Present => 1,
            TriggerKind.BeyondAscii => 0.01,
            TriggerKind.Number => 0.02,
            TriggerKind.Text => Math.Min(0.9, uses[trigger.Sought.Text] * CostOf(trigger.Sought)),
        };

    static double CostOf(SoughtText literal)
    {
        var byLength = Math.Max(0.0001, Math.Pow(0.6, literal.Text.Length));
        return literal.Place == SoughtPlace.Anywhere ? 2 * byLength : byLength;
    }
}
