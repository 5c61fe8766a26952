using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary>A part of a time asked against numbers: <c>hour(event_time) >= 22</c>.</summary>
sealed class TimePartBinder(Reporter reporter, Field field, SubjectSyntax subject)
{
    static readonly Dictionary<string, (TimePart Part, int Least, int Most)> parts = new()
    {
        ["minute"] = (TimePart.Minute, 0, 59),
        ["hour"] = (TimePart.Hour, 0, 23),
        ["day"] = (TimePart.Day, 1, 31),
        ["week"] = (TimePart.Week, 1, 53),
        ["month"] = (TimePart.Month, 1, 12),
        ["year"] = (TimePart.Year, 1, 9999),
        ["weekday"] = (TimePart.Weekday, 1, 7),
    };

    public ConditionTree? Bind(TestSyntax asked)
    {
        var name = subject.TimePart!;
        if (!parts.TryGetValue(name.Value, out var part))
        {
            reporter.Add(
                Codes.WrongTimePart,
                name.Place,
                $"{name} is not a part of a time.",
                Suggestions.DidYouMean(name.Value, parts.Keys)
                    ?? $"The parts are {string.Join(", ", parts.Keys)}."
            );
            return null;
        }
        if (field.Type is not (FieldType.Time or FieldType.Untyped))
        {
            reporter.Add(
                Codes.WrongTimePart,
                subject.Field.Place,
                $"'{field.Name}' is {field.Type.Said()}, and only a time has {name}."
            );
            return null;
        }
        var (comparison, operand) = asked switch
        {
            TestSyntax.Compare { With.Other: null } compare => (
                Literals.ComparisonOf(compare.Sign),
                compare.With
            ),
            TestSyntax.InValues many => (Comparison.Equal, many.With),
            _ => (Comparison.Equal, null),
        };
        if (operand is null || operand.Transformations.Count > 0)
        {
            reporter.Add(
                Codes.WrongOperator,
                name.Place,
                $"{name} is a number here.",
                "Numbers have ==, !=, <, <=, >, >=, in."
            );
            return null;
        }
        var numbers = operand.Values.Select(v => Number(v, part.Least, part.Most)).ToList();
        return numbers.Contains(null)
            ? null
            : new LeafMaker(field, subject).Of(
                asked,
                new PredicateTest.TimePartIs(part.Part, comparison, [.. numbers.OfType<double>()])
            );
    }

    double? Number(Token value, int least, int most) =>
        Literals.Within(reporter, value, least, most, $"A {subject.TimePart!.Value}") is { } number
            ? number
            : null;
}
