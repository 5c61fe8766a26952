using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary>each, aggregate and sequence, with their keys.</summary>
sealed class PatternBinder(Reporter reporter, RuleScope scope)
{
    public Pattern? Bind(EachClause each)
    {
        var selector = scope.Selector(each.Selector);
        return selector is not null && BindKeys(each.By, [selector]) is var (names, by)
            ? new Pattern.Single(selector, names, by)
            : null;
    }

    public Pattern? Bind(AggregateClause aggregate)
    {
        var selector = scope.Selector(aggregate.Selector);
        var within = Literals.Window(reporter, aggregate.Within);
        var thresholds = aggregate.Having.Select(scope.Threshold).ToList();
        if (selector is null || BindKeys(aggregate.By, [selector]) is not var (names, by))
            return null;
        foreach (var (threshold, syntax) in thresholds.Zip(aggregate.Having))
            if (threshold is not null && threshold.Of.Of != selector)
                reporter.Add(
                    Codes.UnknownSelector,
                    syntax.Aggregation.Of.Place,
                    $"This aggregate is over '{selector.Name}' alone."
                );
        return within is null || thresholds.Contains(null)
            ? null
            : new Pattern.Aggregate(
                selector,
                names,
                by,
                within.Value,
                [.. thresholds.OfType<Threshold>()]
            );
    }

    public Pattern? Bind(SequenceClause sequence)
    {
        var within = Literals.Window(reporter, sequence.Within);
        var steps = sequence.Steps.Select(BindStep).ToList();
        if (steps.Count > Limits.StepsPerSequenceMax)
            reporter.Add(
                Codes.TooMany,
                sequence.Steps[Limits.StepsPerSequenceMax].Selector.Place,
                $"A sequence has at most {Limits.StepsPerSequenceMax} steps."
            );
        CheckOrder(sequence.Steps);
        if (within is null || steps.Contains(null))
            return null;
        var bound = steps.OfType<SequenceStep>().ToList();
        List<EventSelector> selectors = [.. bound.Select(s => s.Selector).Distinct()];
        return BindKeys(sequence.By, selectors) is var (names, by)
            ? new Pattern.Sequence(selectors, names, by, within.Value, bound)
            : null;
    }

    SequenceStep? BindStep(StepSyntax step)
    {
        var selector = scope.Selector(step.Selector);
        var after = step.After is { } a ? Literals.Window(reporter, a) : null;
        var together = step.Within is { } w ? Literals.Window(reporter, w) : null;
        var atLeast = step.AtLeast is { } n
            ? Literals.Within(reporter, n, 1, Limits.OccurrencesPerStepMax, "A repetition")
            : 1;
        return selector is null || atLeast is null
            ? null
            : new SequenceStep(selector, atLeast.Value, together, after, step.Absent is not null);
    }

    void CheckOrder(IReadOnlyList<StepSyntax> steps)
    {
        if (steps[0] is { After: { } after })
            reporter.Add(
                Codes.WrongStep,
                after.Place,
                "The first step comes after nothing.",
                "Write 'at least N times within …' for a repetition."
            );
        for (var i = 0; i < steps.Count; i++)
        {
            if (steps[i].Absent is not { } absent)
                continue;
            if (i == 0 || i < steps.Count - 1)
                reporter.Add(
                    Codes.WrongStep,
                    absent.Place,
                    "Absence is the last of several steps.",
                    "Write 'then no X within T' at the end."
                );
            if (steps[i].After is null)
                reporter.Add(
                    Codes.WrongStep,
                    steps[i].Selector.Place,
                    "Absence needs a time.",
                    $"Write 'then no {steps[i].Selector.Value} within 10m'."
                );
            if (steps[i].AtLeast is { } atLeast)
                reporter.Add(Codes.WrongStep, atLeast.Place, "Absence is not counted.");
        }
    }

    (IReadOnlyList<string> Names, IReadOnlyDictionary<string, IReadOnlyList<Field>> By)? BindKeys(
        IReadOnlyList<KeySyntax> keys,
        IReadOnlyList<EventSelector> selectors
    )
    {
        if (keys.Count > Limits.KeyFieldsMax)
            reporter.Add(
                Codes.TooMany,
                keys[Limits.KeyFieldsMax].Fields[0].Place,
                $"A key has at most {Limits.KeyFieldsMax} fields."
            );
        var names = new List<string>();
        var by = selectors.ToDictionary(s => s.Name, _ => new List<Field>());
        var good = true;
        foreach (var key in keys)
        {
            if (BindKey(key, selectors) is not { } fields)
            {
                good = false;
                continue;
            }
            var name = key.As ?? Unqualified(key.Fields[0]);
            if (names.Contains(name.Value))
                reporter.RepeatedName(name, "part of the key");
            names.Add(name.Value);
            foreach (var (selector, field) in selectors.Zip(fields))
                by[selector.Name].Add(field);
        }
        return good
            ? (names, by.ToDictionary(b => b.Key, b => (IReadOnlyList<Field>)b.Value))
            : null;
    }

    /// <summary>A field for each selector, in their order.</summary>
    IReadOnlyList<Field>? BindKey(KeySyntax key, IReadOnlyList<EventSelector> selectors)
    {
        if (key.Fields is [var plain] && !Qualified(plain))
            return scope.Field(plain) is { } same ? [.. selectors.Select(_ => same)] : null;
        var named = key.Fields.Select(f => (Token: f, Found: scope.EventField(f))).ToList();
        if (named.Any(n => n.Found is null))
            return null;
        var fields = new List<Field>();
        foreach (var selector in selectors)
        {
            var own = named.Where(n => n.Found!.Value.Selector == selector).ToList();
            if (own.Count == 1)
                fields.Add(own[0].Found!.Value.Field);
            else
                reporter.Add(
                    Codes.WrongKey,
                    key.Fields[0].Place,
                    $"This part of the key names '{selector.Name}' {own.Count} times.",
                    "Name one field of each selection: by failed.target_user = login.user."
                );
        }
        if (fields.Count != selectors.Count)
            return null;
        if (fields.Select(f => f.Type).Distinct().Count() == 1)
            return fields;
        reporter.Add(
            Codes.WrongKey,
            key.Fields[0].Place,
            $"Fields of different types are never equal: "
                + string.Join(", ", fields.Select(f => $"'{f.Name}' is {f.Type.Said()}"))
                + "."
        );
        return null;
    }

    bool Qualified(Token token) =>
        token.Value.IndexOf('.') is var dot and > 0 && scope.IsSelector(token.Value[..dot]);

    static Token Unqualified(Token token)
    {
        var start = token.Value.IndexOf('.') + 1;
        return RuleScope.Part(token, start, token.Value.Length - start);
    }
}
