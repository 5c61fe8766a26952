using System.Diagnostics;
using System.Globalization;
using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary>One field, asked against values that stand in the policy: what its type allows.</summary>
sealed class ValueBinder(Reporter reporter, Field field, SubjectSyntax subject)
{
    readonly LeafMaker leaf = new(field, subject);
    readonly TextBinder texts = new(reporter, field, subject);

    public ConditionTree? Bind(TestSyntax asked)
    {
        var textual = field.Type is FieldType.Text or FieldType.TextList or FieldType.Untyped;
        var (operand, isText) = asked switch
        {
            TestSyntax.Compare compare => (compare.With, textual),
            TestSyntax.InValues many => (many.With, textual),
            TestSyntax.Asks asks => (asks.With, asks.Word.Value != "cidr"),
            _ => throw new UnreachableException(),
        };
        if (operand.Transformations is [var word, ..] && !isText)
        {
            reporter.Add(
                Codes.WrongTransformation,
                word.Place,
                $"{word} changes texts, and '{field.Name}' is {field.Type.Said()}."
            );
            return null;
        }
        return asked switch
        {
            TestSyntax.Compare compare => Compare(compare, compare.With.Values[0]),
            TestSyntax.InValues many => In(many),
            TestSyntax.Asks asks => Ask(asks),
            _ => throw new UnreachableException(),
        };
    }

    ConditionTree? Compare(TestSyntax.Compare compare, Token value)
    {
        var comparison = Literals.ComparisonOf(compare.Sign);
        var ordering = comparison is not (Comparison.Equal or Comparison.NotEqual);
        if (compare.With.Values.Count > 1)
        {
            reporter.Add(
                Codes.WrongValue,
                compare.With.Values[1].Place,
                $"'{compare.Sign.Value}' takes one value.",
                "Write 'in (a, b)' for one of several."
            );
            return null;
        }
        return field.Type switch
        {
            FieldType.Text or FieldType.Untyped when !ordering => texts.Bind(compare),
            FieldType.Integer or FieldType.Number or FieldType.Untyped => NumberTest(
                compare,
                comparison,
                value
            ),
            FieldType.Boolean when !ordering => leaf.Of(compare, FlagTest(value)),
            FieldType.Address when !ordering => leaf.Of(
                compare,
                AddressTest([value], ranges: false)
            ),
            FieldType.Time when ordering => leaf.Of(compare, TimeTest(comparison, value)),
            FieldType.Text
            or FieldType.Boolean
            or FieldType.Address
            or FieldType.Time
            or FieldType.TextList => Refuse(compare.Sign),
        };
    }

    ConditionTree? In(TestSyntax.InValues asked) =>
        field.Type switch
        {
            FieldType.Text or FieldType.TextList or FieldType.Untyped => texts.Bind(asked),
            FieldType.Address => leaf.Of(asked, AddressTest(asked.With.Values, ranges: true)),
            FieldType.Integer or FieldType.Number or FieldType.Boolean or FieldType.Time =>
                LeafMaker.Any([.. asked.With.Values.Select(v => EqualTest(asked, v))]),
        };

    ConditionTree? EqualTest(TestSyntax.InValues asked, Token value)
    {
        var one = asked with { With = asked.With with { Values = [value] } };
        return field.Type == FieldType.Boolean
            ? leaf.Of(one, FlagTest(value))
            : NumberTest(one, Comparison.Equal, value);
    }

    ConditionTree? Ask(TestSyntax.Asks asks)
    {
        if (asks.Word.Value == "cidr")
            return field.Type is FieldType.Address or FieldType.Untyped
                ? leaf.Of(asks, AddressTest(asks.With.Values, ranges: true))
                : Refuse(asks.Word);
        var fits =
            field.Type is FieldType.Text or FieldType.Untyped
            || field.Type == FieldType.TextList && asks.Word.Value == "contains";
        return fits ? texts.Bind(asks) : Refuse(asks.Word);
    }

    ConditionTree? NumberTest(TestSyntax asked, Comparison comparison, Token value)
    {
        var named =
            field.Name.EndsWith("severity", StringComparison.Ordinal)
            || field.Name.EndsWith("criticality", StringComparison.Ordinal);
        if (
            named
            && field.Type != FieldType.Untyped
            && Literals.SeverityRange(value.Value) is { } range
        )
            return NamedTest(asked, comparison, range.Lowest, range.Highest);
        if (Literals.Number(value.Value) is { } number)
            return leaf.Of(asked, new PredicateTest.NumberIs(comparison, [number]));
        reporter.Add(
            Codes.WrongValue,
            value.Place,
            $"'{field.Name}' is compared with a number here, not with {value}.",
            named
                ? Suggestions.DidYouMean(value.Value, ["low", "medium", "high", "critical"])
                    ?? "Write 0 to 10, or low, medium, high or critical."
                : null
        );
        return null;
    }

    /// <summary>high is 7 and 8: above it begins at 9, and equal to it is one of them.</summary>
    ConditionTree? NamedTest(TestSyntax asked, Comparison comparison, int lowest, int highest) =>
        leaf.Of(
            asked,
            new PredicateTest.NumberIs(
                comparison,
                comparison switch
                {
                    Comparison.Less or Comparison.GreaterOrEqual => [lowest],
                    Comparison.LessOrEqual or Comparison.Greater => [highest],
                    Comparison.Equal or Comparison.NotEqual =>
                    [
                        .. Enumerable
                            .Range(lowest, highest - lowest + 1)
                            .Select(number => (double)number),
                    ],
                }
            )
        );

    PredicateTest? FlagTest(Token value)
    {
        if (value.Value is "true" or "false")
            return new PredicateTest.FlagIs(value.Value == "true");
        reporter.Add(
            Codes.WrongValue,
            value.Place,
            $"'{field.Name}' is true or false, not {value}."
        );
        return null;
    }

    PredicateTest? TimeTest(Comparison comparison, Token value)
    {
        const DateTimeStyles utc =
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        string[] formats = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mmK"];
        var culture = CultureInfo.InvariantCulture;
        if (DateTimeOffset.TryParseExact(value.Value, formats, culture, utc, out var time))
            return new PredicateTest.TimeIs(comparison, time);
        reporter.Add(
            Codes.WrongValue,
            value.Place,
            $"{value} is not a time.",
            "Write 2027-01-31 or 2027-01-31T08:00:00Z."
        );
        return null;
    }

    PredicateTest? AddressTest(IReadOnlyList<Token> values, bool ranges)
    {
        var parsed = new List<AddressRange>();
        foreach (var value in values)
            if (AddressRange.Parse(value.Value) is not { } range)
                reporter.Add(
                    Codes.WrongValue,
                    value.Place,
                    $"{value} is not an address" + (ranges ? " or a range of addresses." : "."),
                    "Write 192.0.2.7, 10.20.0.0/24 or 2001:db8::/32."
                );
            else if (!ranges && value.Value.Contains('/'))
                reporter.Add(
                    Codes.WrongValue,
                    value.Place,
                    $"{value} is a range, and '{field.Name}' is one address.",
                    $"Write '{field.Name} cidr {value.Value}'."
                );
            else
                parsed.Add(range);
        return parsed.Count == values.Count ? new PredicateTest.AddressIn([.. parsed]) : null;
    }

    ConditionTree? Refuse(Token sign)
    {
        reporter.WrongOperator(sign, field);
        return null;
    }
}
