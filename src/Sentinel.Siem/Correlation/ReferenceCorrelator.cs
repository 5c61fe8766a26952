using System.Globalization;
using Sentinel.Policies.Model;
using Sentinel.Siem.Enrichment;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Siem.Correlation;

/// <summary>One match, by where it ends.</summary>
/// <param name="Count">For aggregates and all of; 0 else.</param>
sealed record ReferenceMatch(
    RuleDeclaration Rule,
    string Key,
    DateTimeOffset Last,
    ReferenceEvent End,
    long Count
)
{
    public string[] KeyParts => Rule.Pattern.KeyNames.Count == 0 ? [] : Key.Split('/');
}

/// <summary>
/// What the rules mean, by trying every combination of events: slow, without state, and sharing only the
/// tree with the engine, which must agree with it.
/// </summary>
sealed partial class ReferenceCorrelator(FieldTable fields, IReadOnlyList<RuleDeclaration> rules)
{
    readonly int repeatCount = fields.Find("repeat_count")!.Ordinal;
    readonly Dictionary<string, IReadOnlyList<ReferenceMatch>> found = [];

    public IReadOnlyList<ReferenceMatch> Correlate(IReadOnlyList<EnrichedEvent> events)
    {
        var plain = events.OrderBy(RuleMatcher.OrderOf).Select(ReferenceEvent.OfEvent).ToList();
        return [.. rules.SelectMany(rule => Matches(rule, plain))];
    }

    /// <summary>Over the events, and the hits of the rules that it builds on.</summary>
    IReadOnlyList<ReferenceMatch> Matches(RuleDeclaration rule, List<ReferenceEvent> plain)
    {
        if (found.TryGetValue(rule.Name, out var known))
            return known;
        var hits = rules
            .Where(rule.TakesFrom)
            .SelectMany(other => Raising(other, Matches(other, plain)))
            .SelectMany(match => ReferenceEvent.OfHit(match, rules, fields));
        List<ReferenceEvent> events = [.. plain.Concat(hits).Order()];
        return found[rule.Name] = [
            .. Keys(rule.Pattern, events).SelectMany(Of).Where(match => !IsExcepted(match)),
        ];

        IEnumerable<ReferenceMatch> Of(string key) =>
            rule.Pattern switch
            {
                Pattern.Single single => events
                    .Where(e => Takes(rule.Pattern, single.Selector, key, e))
                    .Select(e => Match(rule, key, Time(e), e, 0)),
                Pattern.Aggregate aggregate => Aggregates(rule, aggregate, key, events),
                Pattern.AnyOrder any => AnyOrders(rule, any, key, events),
                Pattern.Sequence sequence => Sequences(rule, sequence, key, events),
                Pattern.Novel novel => Novels(rule, novel, key, events),
                Pattern.Unusual unusual => Unusuals(rule, unusual, key, events),
                _ => throw new InvalidOperationException("A pattern of an unknown kind."),
            };
    }

    /// <summary>For what an exception says of the key.</summary>
    bool IsExcepted(ReferenceMatch match)
    {
        var said = ReferenceEvent.OfHit(match, rules, fields).First();
        return match.Rule.Exceptions.Any(e =>
            e.Conditions.All(c => c.Holds(said))
            && (
                e.Until is not { } until || match.Last.UtcDateTime.Date <= until.ToDateTime(default)
            )
        );
    }

    /// <summary>Those that <c>once per</c> does not count on one before; for what it says of the key.</summary>
    static List<ReferenceMatch> Raising(RuleDeclaration rule, IReadOnlyList<ReferenceMatch> matches)
    {
        var raising = new List<ReferenceMatch>();
        if (rule.Once is not { } once)
            return [.. matches];
        // What time completes at one moment goes by its key.
        var ordered = matches
            .OrderBy(m => m.Last)
            .ThenBy(m => m.Last == m.End.Time ? "" : m.Key, StringComparer.Ordinal)
            .ThenBy(m => m.End);
        foreach (var match in ordered)
        {
            var same = raising.FindLast(r =>
                once.Per.OfType<MessagePart.Key>()
                    .All(k => r.KeyParts[k.Index] == match.KeyParts[k.Index])
            );
            if (same is null || match.Last - same.Last >= once.In)
                raising.Add(match);
        }
        return raising;
    }

    IEnumerable<ReferenceMatch> Aggregates(
        RuleDeclaration rule,
        Pattern.Aggregate pattern,
        string key,
        List<ReferenceEvent> events
    )
    {
        var own = events.Where(e => Takes(pattern, pattern.Selector, key, e)).ToList();
        if (pattern.Window is Window.Sliding)
        {
            foreach (var end in own)
            {
                var window = Before(own, end, pattern.Window.Within);
                if (pattern.Having.Holds(t => Holds(t, window)))
                    yield return Match(rule, key, Time(end), end, Weight(window));
            }
            yield break;
        }
        foreach (var window in Windows(pattern.Window, own))
        {
            var first = Enumerable
                .Range(1, window.Count)
                .Select(count => window.Take(count).ToList())
                .FirstOrDefault(begun => pattern.Having.Holds(t => Holds(t, begun)));
            if (first is not null)
                yield return Match(rule, key, Time(first[^1]), first[^1], Weight(first));
        }
    }

    static IEnumerable<List<ReferenceEvent>> Windows(Window window, List<ReferenceEvent> own)
    {
        if (own.Count == 0)
            return [];
        if (window is Window.Session session)
        {
            var sessions = new List<List<ReferenceEvent>>();
            foreach (var one in own)
                if (
                    sessions is [.., var last]
                    && Time(one) - Time(last[^1]) < session.Within
                    && Time(one) - Time(last[0]) < session.AtMost
                )
                    last.Add(one);
                else
                    sessions.Add([one]);
            return sessions;
        }
        var every = ((Window.Hopping)window).Every;
        var before = (Time(own[0]) - DateTimeOffset.UnixEpoch - window.Within).Ticks / every.Ticks;
        var after = (Time(own[^1]) - DateTimeOffset.UnixEpoch).Ticks / every.Ticks;
        return Enumerable
            .Range(-1, (int)(after - before) + 3)
            .Select(i => DateTimeOffset.UnixEpoch + every * (before + i))
            .Select(from =>
                own.Where(e => Time(e) >= from && Time(e) - from < window.Within).ToList()
            );
    }

    IEnumerable<ReferenceMatch> AnyOrders(
        RuleDeclaration rule,
        Pattern.AnyOrder pattern,
        string key,
        List<ReferenceEvent> events
    )
    {
        foreach (var end in events)
        {
            var window = Before(events, end, pattern.Within);
            if (!pattern.Selectors.Any(s => Takes(pattern, s, key, end)))
                continue;
            var counts = pattern
                .Selectors.Select(s => Weight(window.Where(e => Takes(pattern, s, key, e))))
                .ToList();
            if (counts.Zip(pattern.AtLeast).All(c => c.First >= c.Second))
                yield return Match(rule, key, Time(end), end, counts.Sum());
        }
    }

    /// <summary>The event and those less than the window before it.</summary>
    static List<ReferenceEvent> Before(
        List<ReferenceEvent> events,
        ReferenceEvent end,
        TimeSpan within
    ) => [.. events.Take(events.IndexOf(end) + 1).Where(e => Time(end) - Time(e) < within)];

    IEnumerable<ReferenceMatch> Sequences(
        RuleDeclaration rule,
        Pattern.Sequence pattern,
        string key,
        List<ReferenceEvent> events
    )
    {
        var steps = pattern.Steps.Where(s => !s.Absent).ToList();
        var ends = Enumerable
            .Range(0, events.Count)
            .Where(end => Completes(pattern, steps, key, events, end))
            .ToList();
        if (pattern.Steps[^1] is not { Absent: true, After: { } wait } absent)
        {
            foreach (var end in ends)
                yield return Match(rule, key, Time(events[end]), events[end], 0);
            yield break;
        }
        foreach (var end in ends)
        {
            var deadline = Time(events[end]) + wait;
            var broken = Enumerable
                .Range(end + 1, events.Count - end - 1)
                .Where(i => Time(events[i]) < deadline)
                .Any(i =>
                    ends.Contains(i)
                    || Takes(pattern, absent.Selector, key, events[i])
                    || Ends(pattern, key, events[i])
                );
            if (!broken)
                yield return Match(rule, key, deadline, events[end], 0);
        }
    }

    /// <summary>Whether the sequence ends here, with all its events behind what ended it before.</summary>
    bool Completes(
        Pattern.Sequence pattern,
        List<SequenceStep> steps,
        string key,
        List<ReferenceEvent> events,
        int end
    )
    {
        var from = events.FindLastIndex(Math.Max(end - 1, 0), e => Ends(pattern, key, e)) + 1;
        if (end == 0)
            from = 0;
        var open = events.Skip(from).ToList();
        return Reaches(pattern, steps, key, open, steps.Count - 1, end - from, end - from);
    }

    static bool Ends(Pattern.Sequence pattern, string key, ReferenceEvent enriched) =>
        pattern.Until.Any(u => Takes(pattern, u, key, enriched));

    /// <summary>Whether some choice of events completes the step at this event, all near the last.</summary>
    bool Reaches(
        Pattern.Sequence pattern,
        List<SequenceStep> steps,
        string key,
        List<ReferenceEvent> events,
        int step,
        int at,
        int last
    )
    {
        var asked = steps[step];
        if (!Takes(pattern, asked.Selector, key, events[at]))
            return false;
        if (step == 0)
            return Enough(pattern, asked, key, events, -1, at, last);
        for (var before = 0; before < at; before++)
            if (
                (asked.After is not { } after || Time(events[at]) - Time(events[before]) < after)
                && !events[(before + 1)..at]
                    .Exists(between => asked.Without.Any(w => Takes(pattern, w, key, between)))
                && Enough(pattern, asked, key, events, before, at, last)
                && Reaches(pattern, steps, key, events, step - 1, before, last)
            )
                return true;
        return false;
    }

    bool Enough(
        Pattern.Sequence pattern,
        SequenceStep asked,
        string key,
        List<ReferenceEvent> events,
        int after,
        int at,
        int last
    )
    {
        var within = asked.AtLeastWithin ?? pattern.Within;
        var found = Enumerable
            .Range(after + 1, at - after)
            .Select(i => events[i])
            .Where(e => Takes(pattern, asked.Selector, key, e))
            .Where(e => Time(events[at]) - Time(e) < within)
            .Where(e => Time(events[last]) - Time(e) < pattern.Within);
        return Weight(found) >= asked.AtLeast;
    }

    static bool Takes(
        Pattern pattern,
        EventSelector selector,
        string key,
        ReferenceEvent enriched
    ) =>
        (selector.Category is Chaining.Hit or Chaining.Risk) == enriched.IsHit
        && (selector.Category ?? enriched.Category) == enriched.Category
        && (selector.Type ?? enriched.Type) == enriched.Type
        && (selector.HitsOf.Count == 0 || selector.HitsOf.Contains(enriched.Type))
        && selector.Conditions.All(c => c.Holds(enriched))
        && KeyOf(pattern, selector, enriched) == key;

    static IEnumerable<string> Keys(Pattern pattern, List<ReferenceEvent> events) =>
        pattern
            .Selectors.SelectMany(s => events.Select(e => KeyOf(pattern, s, e)))
            .OfType<string>()
            .Distinct()
            .Order(StringComparer.Ordinal);

    static string? KeyOf(Pattern pattern, EventSelector selector, ReferenceEvent enriched)
    {
        var values = pattern.By.TryGetValue(selector.Name, out var by)
            ? by.Select(f => enriched[f.Ordinal]).ToList()
            : [];
        return values.Contains(null)
            ? null
            : string.Join('/', values.Select(v => FieldValue.ToText(v!)));
    }

    bool Holds(Threshold threshold, List<ReferenceEvent> window)
    {
        if (Value(threshold.Of, window) is not { } value)
            return false;
        return Compare(threshold.Comparison, value.CompareTo(threshold.Value));
    }

    static bool Compare(Comparison comparison, int compared) =>
        comparison switch
        {
            Comparison.Equal => compared == 0,
            Comparison.NotEqual => compared != 0,
            Comparison.Less => compared < 0,
            Comparison.LessOrEqual => compared <= 0,
            Comparison.Greater => compared > 0,
            Comparison.GreaterOrEqual => compared >= 0,
        };

    double? Value(Aggregation aggregation, List<ReferenceEvent> window)
    {
        if (aggregation.Field is not { } field)
            return Weight(window);
        var present = window.Where(e => e[field.Ordinal] is not null).ToList();
        if (aggregation.Function == AggregateFunction.Distinct)
            return present.Select(e => FieldValue.ToText(e[field.Ordinal]!)).Distinct().Count();
        var numbers = present
            .SelectMany(e => Enumerable.Repeat(Number(e[field.Ordinal]), (int)Weight([e])))
            .OfType<double>()
            .ToList();
        return numbers.Count == 0
            ? null
            : aggregation.Function switch
            {
                AggregateFunction.Count => Weight(window),
                AggregateFunction.Distinct => present.Count,
                AggregateFunction.Sum => numbers.Sum(),
                AggregateFunction.Average => numbers.Sum() / numbers.Count,
                AggregateFunction.Minimum => numbers.Min(),
                AggregateFunction.Maximum => numbers.Max(),
                AggregateFunction.Percentile => numbers
                    .Order()
                    .First(n =>
                        numbers.Count(m => m <= n) * 100 >= numbers.Count * aggregation.Percent
                    ),
            };
    }

    static double? Number(object? value) =>
        value is long integer ? integer
        : value is double number ? number
        : value is string text
        && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var said)
            ? said
        : null;

    long Weight(IEnumerable<ReferenceEvent> events) =>
        events.Sum(e => e[repeatCount] is long times ? times : 1);

    static DateTimeOffset Time(ReferenceEvent enriched) => enriched.Time;

    static ReferenceMatch Match(
        RuleDeclaration rule,
        string key,
        DateTimeOffset last,
        ReferenceEvent end,
        long count
    ) => new(rule, key, last, end, count);
}
