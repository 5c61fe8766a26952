using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary>Steps in order, what must not come between them, and what ends them.</summary>
sealed class SequenceBinder(Reporter reporter, RuleScope scope, KeyBinder keys)
{
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
        var until = sequence.Until.Select(scope.Selector).ToList();
        if (within is null || steps.Contains(null) || until.Contains(null))
            return null;
        var bound = steps.OfType<SequenceStep>().ToList();
        List<EventSelector> ends = [.. until.OfType<EventSelector>()];
        CheckEnds(sequence, bound, ends);
        // In this order: an event that is a step and ends the sequence is the step first.
        List<EventSelector> selectors =
        [
            .. bound
                .Select(s => s.Selector)
                .Concat(bound.SelectMany(s => s.Without))
                .Concat(ends)
                .Distinct(),
        ];
        return keys.Bind(sequence.By, selectors) is var (names, by)
            ? new Pattern.Sequence(selectors, names, by, within.Value, bound, ends)
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
        var without = step.Without.Select(scope.Selector).ToList();
        return selector is null || atLeast is null || without.Contains(null)
            ? null
            : new SequenceStep(
                selector,
                atLeast.Value,
                together,
                after,
                step.Absent is not null,
                [.. without.OfType<EventSelector>()]
            );
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
        if (steps[0].Without is [var between, ..])
            reporter.Add(
                Codes.WrongStep,
                between.Place,
                "Before the first step there is nothing to be between.",
                $"Write 'without {between.Value}' at a later step, or 'until {between.Value}'."
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
            if (steps[i].Without is [var without, ..])
                reporter.Add(
                    Codes.WrongStep,
                    without.Place,
                    "Nothing can be between a step and what did not come.",
                    $"Write 'until {without.Value}' after it."
                );
        }
    }

    void CheckEnds(
        SequenceClause sequence,
        List<SequenceStep> steps,
        IReadOnlyList<EventSelector> ends
    )
    {
        foreach (var (end, token) in ends.Zip(sequence.Until))
            if (steps.Any(s => s.Selector == end || s.Without.Contains(end)))
                reporter.Add(
                    Codes.WrongStep,
                    token.Place,
                    $"{token} cannot be part of the sequence and end it.",
                    "Declare another 'let' for what ends it."
                );
    }
}
