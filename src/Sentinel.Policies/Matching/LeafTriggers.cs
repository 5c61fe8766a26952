using System.Text.RegularExpressions;
using Sentinel.Policies.Model;

namespace Sentinel.Policies.Matching;

/// <summary>What an event must show for one predicate to hold, and how often it is expected to.</summary>
/// <param name="seen">How often a trigger fired so far, of one event; null where nobody looked.</param>
sealed class LeafTriggers(WordUses uses, Func<Trigger, double?> seen)
{
    const double NeverSeen = 0.001;
    const double WalkCost = 0.005;

    public Cover Of(Predicate predicate)
    {
        var ordinal = predicate.Field?.Ordinal ?? Trigger.Record;
        return predicate.Asked switch
        {
            PredicateTest.TextIs text => Cover.Any(
                text.Wanted.Select(w => OfText(ordinal, text, w))
            ),
            PredicateTest.RegexFinds regex => Cover.Any(
                regex.Patterns.Select(p => OfRegex(ordinal, regex.Options, p))
            ),
            PredicateTest.NumberIs { Comparison: Comparison.Equal } number => Cover.Any(
                number.Wanted.Select(w => Present(ordinal, w))
            ),
            _ => Present(ordinal),
        };
    }

    Cover OfText(int ordinal, PredicateTest.TextIs test, string wanted)
    {
        var byText = test.Match switch
        {
            TextMatch.Equal => OfWord(ordinal, wanted, SoughtPlace.Whole),
            TextMatch.Contains => OfWord(ordinal, wanted, SoughtPlace.Anywhere),
            TextMatch.StartsWith => OfWord(ordinal, wanted, SoughtPlace.Start),
            TextMatch.EndsWith => OfWord(ordinal, wanted, SoughtPlace.End),
            TextMatch.Like => OfPattern(ordinal, LikePattern.Parse(wanted).Parts),
        };
        return test.OrByNumber && ValueText.Number(wanted) is { } number
            ? Cover.Any([byText, Present(ordinal, number)])
            : byText;
    }

    Cover OfWord(int ordinal, string word, SoughtPlace place)
    {
        var sought =
            ordinal == Trigger.Record
                ? SoughtText.WithinRecord(word)
                : SoughtText.Within(word, place);
        if (sought is { } text)
            return Of(new Trigger(ordinal, TriggerKind.Text, text));
        return word is "" || ordinal == Trigger.Record
            ? Present(ordinal)
            : Of(new Trigger(ordinal, TriggerKind.BeyondAscii));
    }

    /// <summary>The rarest of the words between the wildcards.</summary>
    Cover OfPattern(int ordinal, ValueList<LikePart> parts) =>
        parts
            .Index()
            .Where(p => p.Item.Piece == LikePiece.Literal)
            .Select(p => OfWord(ordinal, p.Item.Text, PlaceOf(p.Index, parts.Count)))
            .DefaultIfEmpty(Present(ordinal))
            .MinBy(c => c.Cost);

    static SoughtPlace PlaceOf(int part, int partsCount) =>
        (part == 0, part == partsCount - 1) switch
        {
            (true, true) => SoughtPlace.Whole,
            (true, false) => SoughtPlace.Start,
            (false, true) => SoughtPlace.End,
            (false, false) => SoughtPlace.Anywhere,
        };

    Cover OfRegex(int ordinal, RegexOptions options, string pattern)
    {
        var cover = new RegexTexts(
            pattern,
            text => OfWord(ordinal, text, SoughtPlace.Anywhere)
        ).Read();
        if (cover.Triggers is null)
            return Present(ordinal);
        // To a regular expression some letters beyond ASCII are other cases of letters within it.
        var isCased = (options & RegexOptions.IgnoreCase) == 0 && !pattern.Contains("(?");
        return isCased
            ? cover
            : Cover.Any([cover, Of(new Trigger(ordinal, TriggerKind.BeyondAscii))]);
    }

    /// <param name="number">That it has to be.</param>
    Cover Present(int ordinal, double? number = null) =>
        ordinal == Trigger.Record ? Cover.Unknown
        : number is { } n ? Of(new Trigger(ordinal, TriggerKind.Number, Number: n))
        : Of(new Trigger(ordinal, TriggerKind.Present));

    // What never fired yet is rare, but nobody knows how rare.
    Cover Of(Trigger trigger) =>
        new(
            [trigger],
            seen(trigger) switch
            {
                null => Guess(trigger),
                0 => Math.Min(NeverSeen, Guess(trigger)),
                { } rate => rate,
            } + (trigger is { Kind: TriggerKind.Text, Sought.IsShort: true } ? WalkCost : 0)
        );

    double Guess(in Trigger trigger) =>
        trigger.Kind switch
        {
            TriggerKind.Present => 1,
            TriggerKind.BeyondAscii => 0.01,
            TriggerKind.Number => 0.02,
            TriggerKind.Text => Math.Min(0.9, uses.Of(trigger.Sought.Text) * Guess(trigger.Sought)),
        };

    static double Guess(SoughtText sought)
    {
        var byLength = Math.Max(0.0001, Math.Pow(0.6, sought.Text.Length));
        return sought.Place == SoughtPlace.Anywhere ? 2 * byLength : byLength;
    }
}

/// <summary>How many predicates ask for a word: what many rules look for is common in events too.</summary>
sealed class WordUses
{
    readonly Dictionary<string, int> counts;

    public WordUses(IEnumerable<Predicate> predicates) =>
        counts = predicates
            .Select(p => p.Asked)
            .OfType<PredicateTest.TextIs>()
            .SelectMany(t => t.Wanted)
            .CountBy(w => w, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(StringComparer.OrdinalIgnoreCase);

    public int Of(string word) => counts.GetValueOrDefault(word, 1);
}
