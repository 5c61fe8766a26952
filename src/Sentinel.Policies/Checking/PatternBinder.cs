using System.Diagnostics;
using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary>What a rule looks for: each, aggregate, all of; the sequence has a binder of its own.</summary>
sealed class PatternBinder(Reporter reporter, RuleScope scope)
{
    static readonly TimeSpan SessionMostDefault = TimeSpan.FromDays(1);

    readonly KeyBinder keys = new(reporter, scope);

    public Pattern? Bind(SequenceClause sequence) =>
        new SequenceBinder(reporter, scope, keys).Bind(sequence);

    public Pattern? Bind(EachClause each)
    {
        var selector = scope.Selector(each.Selector);
        return selector is not null && keys.Bind(each.By, [selector]) is var (names, by)
            ? new Pattern.Single(selector, names, by)
            : null;
    }

    public Pattern? Bind(AggregateClause aggregate)
    {
        var selector = scope.Selector(aggregate.Selector);
        var window = Bind(aggregate.Window);
        var having = Bind(aggregate.Having, selector);
        if (having?.Thresholds.FirstOrDefault(t => t.Against != Baseline.None) is { } against)
            reporter.Add(
                Codes.WrongBaseline,
                aggregate.Selector.Place,
                $"'{against.Text}' compares with a baseline, and an aggregate has none.",
                $"Write 'unusual {aggregate.Selector.Value} … per 1h over 7d having …'."
            );
        if (selector is null || keys.Bind(aggregate.By, [selector]) is not var (names, by))
            return null;
        return window is null || having is null
            ? null
            : new Pattern.Aggregate(selector, names, by, window, having);
    }

    public Pattern? Bind(AllOfClause all)
    {
        var selectors = all.Of.Select(of => scope.Selector(of.Selector)).ToList();
        var atLeast = all
            .Of.Select(of =>
                of.AtLeast is { } n
                    ? Literals.Within(reporter, n, 1, Limits.OccurrencesPerStepMax, "A repetition")
                    : 1
            )
            .ToList();
        var within = Literals.Window(reporter, all.Within);
        if (all.Of.Count > Limits.StepsPerSequenceMax)
            reporter.Add(
                Codes.TooMany,
                all.Of[Limits.StepsPerSequenceMax].Selector.Place,
                $"'all of' has at most {Limits.StepsPerSequenceMax} selections."
            );
        foreach (var again in all.Of.GroupBy(of => of.Selector.Value).SelectMany(g => g.Skip(1)))
            reporter.Add(
                Codes.WrongStep,
                again.Selector.Place,
                $"{again.Selector} is there twice.",
                $"Write '{again.Selector.Value} at least 2 times'."
            );
        if (within is null || selectors.Contains(null) || atLeast.Contains(null))
            return null;
        List<EventSelector> bound = [.. selectors.OfType<EventSelector>().Distinct()];
        return keys.Bind(all.By, bound) is var (names, by)
            ? new Pattern.AnyOrder(bound, names, by, within.Value, [.. atLeast.OfType<int>()])
            : null;
    }

    public Having? Bind(HavingSyntax syntax, EventSelector? selector)
    {
        switch (syntax)
        {
            case HavingSyntax.Reaches { Threshold: var written }:
                if (scope.Threshold(written) is not { } threshold)
                    return null;
                if (selector is not null && threshold.Of.Of != selector)
                    reporter.Add(
                        Codes.UnknownSelector,
                        written.Aggregation.Of.Place,
                        $"This aggregate is over '{selector.Name}' alone."
                    );
                return new Having.Reaches(threshold);
            case HavingSyntax.All all:
                return Bind(all.Parts, selector) is { } every ? new Having.All(every) : null;
            case HavingSyntax.Any any:
                return Bind(any.Parts, selector) is { } some ? new Having.Any(some) : null;
            default:
                throw new UnreachableException();
        }
    }

    IReadOnlyList<Having>? Bind(IReadOnlyList<HavingSyntax> parts, EventSelector? selector)
    {
        var bound = parts.Select(p => Bind(p, selector)).ToList();
        return bound.Contains(null) ? null : [.. bound.OfType<Having>()];
    }

    Window? Bind(WindowSyntax window)
    {
        var kind = window.Kind?.Value;
        if (window.Every is { } unasked && kind != "hopping")
            WrongWindow(unasked, "Only a hopping window begins every so often.");
        if (window.AtMost is { } bound && kind != "session")
            WrongWindow(bound, "Only a session has a longest duration.");
        if (window.Every is null && kind == "hopping")
            WrongWindow(window.Kind!, "A hopping window says how often one begins.");
        if (Literals.Window(reporter, window.Within) is not { } within)
            return null;
        var every = window.Every is { } e ? Literals.Window(reporter, e) : within;
        var atMost = window.AtMost is { } m ? Literals.Window(reporter, m) : SessionMostDefault;
        if (every is null || atMost is null)
            return null;
        if (every > within || every * Limits.OpenWindowsMax < within)
            WrongWindow(
                window.Every!,
                "Hopping windows begin at most as far apart as they are long, "
                    + $"and at most {Limits.OpenWindowsMax} are open at once."
            );
        if (kind == "session" && atMost < within)
            WrongWindow(window.AtMost ?? window.Within, "A session is longer than a gap in it.");
        return kind switch
        {
            null => new Window.Sliding(within),
            "session" => new Window.Session(within, atMost.Value),
            _ => new Window.Hopping(within, every.Value),
        };
    }

    void WrongWindow(Token at, string message) =>
        reporter.Add(
            Codes.WrongWindow,
            at.Place,
            message,
            "Write 'within 5m', 'tumbling within 1h', 'hopping within 1h every 10m' "
                + "or 'session within 5m at most 8h'."
        );
}
