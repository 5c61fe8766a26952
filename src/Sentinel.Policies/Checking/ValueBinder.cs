using System.Globalization;
using System.Text.RegularExpressions;
using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary>One field, asked against values that stand in the policy.</summary>
/// <param name="name">The field as it was written.</param>
sealed class ValueBinder(Reporter reporter, Field field, Token name)
{
    public ConditionTree? Leaf(TestSyntax asked, PredicateTest? test) =>
        test is null
            ? null
            : new ConditionTree.LeafOf(ConditionText.Of(name, asked), new Predicate(field, test));

    public ConditionTree? Compare(TestSyntax.Compare compare)
    {
        var comparison = Literals.ComparisonOf(compare.Sign);
        var ordering = comparison is not (Comparison.Equal or Comparison.NotEqual);
        return field.Type switch
        {
            FieldType.Text or FieldType.Untyped when !ordering => Leaf(
                compare,
                TextEqual(compare.Cased, [compare.Value])
            ),
            FieldType.Integer or FieldType.Number or FieldType.Untyped => NumberTest(
                compare,
                comparison,
                compare.Value
            ),
            FieldType.Boolean when !ordering => Leaf(compare, FlagTest(compare.Value)),
            FieldType.Address when !ordering => Leaf(
                compare,
                AddressTest([compare.Value], ranges: false)
            ),
            FieldType.Time when ordering => Leaf(compare, TimeTest(comparison, compare.Value)),
            FieldType.Text
            or FieldType.Boolean
            or FieldType.Address
            or FieldType.Time
            or FieldType.TextList => Refuse(compare.Sign),
        };
    }

    public ConditionTree? In(TestSyntax.InValues asked)
    {
        var values = asked.Values;
        switch (field.Type)
        {
            case FieldType.Text:
            case FieldType.TextList:
            case FieldType.Untyped:
                return Leaf(asked, TextEqual(asked.Cased, values));
            case FieldType.Address:
                return Leaf(asked, AddressTest(values, ranges: true));
            case FieldType.Integer:
            case FieldType.Number:
            case FieldType.Boolean:
            case FieldType.Time:
            default:
                var tests = values.Select(v => EqualTest(asked, v)).ToList();
                return tests.Contains(null)
                    ? null
                    : new ConditionTree.AnyOf([.. tests.OfType<ConditionTree>()]);
        }
    }

    ConditionTree? EqualTest(TestSyntax.InValues asked, Token value)
    {
        var one = asked with { Values = [value] };
        return field.Type == FieldType.Boolean
            ? Leaf(one, FlagTest(value))
            : NumberTest(one, Comparison.Equal, value);
    }

    PredicateTest.TextIs TextEqual(bool cased, IReadOnlyList<Token> values) =>
        new(TextMatch.Equal, cased, [.. values.Select(v => v.Value)])
        {
            OrByNumber = field.Type == FieldType.Untyped,
        };

    public ConditionTree? Ask(TestSyntax.Asks asked)
    {
        if (asked.Word.Value == "cidr")
            return field.Type is FieldType.Address or FieldType.Untyped
                ? Leaf(asked, AddressTest(asked.Values, ranges: true))
                : Refuse(asked.Word);
        var fits =
            field.Type is FieldType.Text or FieldType.Untyped
            || field.Type == FieldType.TextList && asked.Word.Value == "contains";
        if (!fits)
            return Refuse(asked.Word);
        if (!asked.All)
            return Leaf(asked, TextTest(asked));
        var each = asked
            .Values.Select(v => asked with { All = false, Values = [v] })
            .Select(one => Leaf(one, TextTest(one)))
            .ToList();
        return each.Contains(null)
            ? null
            : new ConditionTree.AllOf([.. each.OfType<ConditionTree>()]);
    }

    PredicateTest? TextTest(TestSyntax.Asks asked)
    {
        if (asked.Word.Value == "matches")
            return
                asked.Values.Select(v => RegexCheck.Compile(reporter, v)).ToList() is var regexes
                && !regexes.Contains(null)
                ? new PredicateTest.RegexFinds(
                    RegexOptions.None,
                    [.. asked.Values.Select(v => v.Value)]
                )
                : null;
        var match = asked.Word.Value switch
        {
            "contains" when field.Type == FieldType.TextList => TextMatch.Equal,
            "contains" => TextMatch.Contains,
            "startswith" => TextMatch.StartsWith,
            _ => TextMatch.EndsWith,
        };
        return new PredicateTest.TextIs(match, asked.Cased, [.. asked.Values.Select(v => v.Value)]);
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
        if (
            double.TryParse(
                value.Value,
                NumberStyles.AllowDecimalPoint,
                CultureInfo.InvariantCulture,
                out var number
            )
        )
            return Leaf(asked, new PredicateTest.NumberIs(comparison, [number]));
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
        Leaf(
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
