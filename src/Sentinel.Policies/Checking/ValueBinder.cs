using System.Globalization;
using Sentinel.Policies.Compilation;
using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary>One field, asked against values that stand in the policy.</summary>
sealed class ValueBinder(Reporter reporter, Field field, bool open)
{
    readonly int ordinal = field.Ordinal;

    public Func<IFieldValues, bool>? Compare(TestSyntax.Compare compare)
    {
        var comparison = Literals.ComparisonOf(compare.Sign);
        var ordering = comparison is not (Comparison.Equal or Comparison.NotEqual);
        if (open && ordering)
            return NumberTest(comparison, compare.Value);
        if (open)
            return Predicates.Text(ordinal, Predicates.Loosely(compare.Value.Value, compare.Cased));
        return field.Type switch
        {
            FieldType.Text when !ordering => Predicates.Text(
                ordinal,
                Predicates.Equal(compare.Value.Value, compare.Cased)
            ),
            FieldType.Integer or FieldType.Number => NumberTest(comparison, compare.Value),
            FieldType.Boolean when !ordering => FlagTest(compare.Value),
            FieldType.Address when !ordering => AddressTest([compare.Value], ranges: false),
            FieldType.Time when ordering => TimeTest(comparison, compare.Value),
            FieldType.Text
            or FieldType.Boolean
            or FieldType.Address
            or FieldType.Time
            or FieldType.TextList => Refuse(compare.Sign),
        };
    }

    public Func<IFieldValues, bool>? In(TestSyntax.InValues asked)
    {
        var values = asked.Values;
        if (open)
            return Predicates.Text(
                ordinal,
                AnyOf([.. values.Select(v => Predicates.Loosely(v.Value, asked.Cased))])
            );
        switch (field.Type)
        {
            case FieldType.Text:
            case FieldType.TextList:
                return Predicates.Text(
                    ordinal,
                    Predicates.OneOf(values.Select(v => v.Value), asked.Cased)
                );
            case FieldType.Address:
                return AddressTest(values, ranges: true);
            case FieldType.Integer:
            case FieldType.Number:
            case FieldType.Boolean:
            case FieldType.Time:
            default:
                var tests = values.Select(v => EqualTest(v)).ToList();
                return tests.Contains(null)
                    ? null
                    : Predicates.Any([.. tests.OfType<Func<IFieldValues, bool>>()]);
        }
    }

    Func<IFieldValues, bool>? EqualTest(Token value) =>
        field.Type == FieldType.Boolean ? FlagTest(value) : NumberTest(Comparison.Equal, value);

    public Func<IFieldValues, bool>? Ask(TestSyntax.Asks asked)
    {
        if (asked.Word.Value == "cidr")
            return field.Type == FieldType.Address || open
                ? AddressTest(asked.Values, ranges: true)
                : Refuse(asked.Word);
        var fits =
            field.Type == FieldType.Text
            || field.Type == FieldType.TextList && asked.Word.Value == "contains";
        if (!fits)
            return Refuse(asked.Word);
        var tests = asked.Values.Select(v => TextTest(asked.Word.Value, v, asked.Cased)).ToList();
        if (tests.Contains(null))
            return null;
        var each = tests.OfType<Func<string, bool>>().Select(t => Predicates.Text(ordinal, t));
        return asked.All ? Predicates.All([.. each]) : Predicates.Any([.. each]);
    }

    Func<string, bool>? TextTest(string operation, Token value, bool cased) =>
        operation switch
        {
            "contains" when field.Type == FieldType.TextList => Predicates.Equal(
                value.Value,
                cased
            ),
            "contains" => Predicates.Contains(value.Value, cased),
            "startswith" => Predicates.StartsWith(value.Value, cased),
            "endswith" => Predicates.EndsWith(value.Value, cased),
            _ => RegexCheck.Compile(reporter, value) is { } regex
                ? Predicates.Matches(regex)
                : null,
        };

    static Func<string, bool> AnyOf(Func<string, bool>[] tests) => text => tests.Any(t => t(text));

    Func<IFieldValues, bool>? NumberTest(Comparison comparison, Token value)
    {
        var named =
            field.Name.EndsWith("severity", StringComparison.Ordinal)
            || field.Name.EndsWith("criticality", StringComparison.Ordinal);
        if (named && !open && Literals.SeverityRange(value.Value) is { } range)
            return NamedTest(comparison, range.Lowest, range.Highest);
        if (
            double.TryParse(
                value.Value,
                NumberStyles.AllowDecimalPoint,
                CultureInfo.InvariantCulture,
                out var number
            )
        )
            return Predicates.Number(ordinal, comparison, number);
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

    /// <summary>high is 7 and 8: above it begins at 9, and equal to it is between.</summary>
    Func<IFieldValues, bool> NamedTest(Comparison comparison, int lowest, int highest) =>
        comparison switch
        {
            Comparison.Less or Comparison.GreaterOrEqual => Predicates.Number(
                ordinal,
                comparison,
                lowest
            ),
            Comparison.LessOrEqual or Comparison.Greater => Predicates.Number(
                ordinal,
                comparison,
                highest
            ),
            Comparison.Equal or Comparison.NotEqual => Predicates.All([
                Predicates.Number(ordinal, Comparison.GreaterOrEqual, lowest),
                Predicates.Number(ordinal, Comparison.LessOrEqual, highest),
            ]),
        };

    Func<IFieldValues, bool>? FlagTest(Token value)
    {
        if (value.Value is "true" or "false")
            return Predicates.Flag(ordinal, value.Value == "true");
        reporter.Add(
            Codes.WrongValue,
            value.Place,
            $"'{field.Name}' is true or false, not {value}."
        );
        return null;
    }

    Func<IFieldValues, bool>? TimeTest(Comparison comparison, Token value)
    {
        const DateTimeStyles utc =
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        string[] formats = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mmK"];
        var culture = CultureInfo.InvariantCulture;
        if (DateTimeOffset.TryParseExact(value.Value, formats, culture, utc, out var time))
            return Predicates.Time(ordinal, comparison, time);
        reporter.Add(
            Codes.WrongValue,
            value.Place,
            $"{value} is not a time.",
            "Write 2027-01-31 or 2027-01-31T08:00:00Z."
        );
        return null;
    }

    Func<IFieldValues, bool>? AddressTest(IReadOnlyList<Token> values, bool ranges)
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
        return parsed.Count == values.Count ? Predicates.Within(ordinal, parsed) : null;
    }

    Func<IFieldValues, bool>? Refuse(Token sign)
    {
        reporter.WrongOperator(sign, field);
        return null;
    }
}
