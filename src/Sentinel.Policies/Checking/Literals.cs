using System.Globalization;
using System.Text.RegularExpressions;
using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary>Numbers, durations and names of severity as they are written.</summary>
static partial class Literals
{
    public static TimeSpan? Duration(Reporter reporter, Token token, TimeSpan longest)
    {
        if (!DurationParts().IsMatch(token.Value))
        {
            reporter.Add(
                Codes.WrongDuration,
                token.Place,
                $"{token} is not a duration.",
                "Write a whole number and ms, s, m, h or d: 90s, 5m, 1h30m, 7d."
            );
            return null;
        }
        var milliseconds = DurationPart()
            .Matches(token.Value)
            .Sum(part => Whole(part.Groups[1].Value) * UnitMilliseconds(part.Groups[2].Value));
        if (milliseconds > 0 && milliseconds <= longest.TotalMilliseconds)
            return TimeSpan.FromMilliseconds(milliseconds);
        reporter.Add(
            Codes.WrongDuration,
            token.Place,
            $"{token} is out of range: more than nothing, and at most {longest.TotalDays} days."
        );
        return null;
    }

    public static TimeSpan? Window(Reporter reporter, Token token) =>
        Duration(reporter, token, TimeSpan.FromDays(Limits.WindowDaysMax));

    public static int? Within(Reporter reporter, Token token, int least, int most, string what)
    {
        var value = WholeNumber().IsMatch(token.Value) ? Whole(token.Value) : long.MaxValue;
        if (value >= least && value <= most)
            return (int)value;
        reporter.Add(
            Codes.NumberOutOfRange,
            token.Place,
            $"{what} is a whole number from {least} to {most}, not {token.Value}."
        );
        return null;
    }

    /// <summary>0 to 10, or the lowest of a name's numbers.</summary>
    public static int? Severity(Reporter reporter, Token token)
    {
        if (SeverityRange(token.Value) is { } range)
            return range.Lowest;
        if (token.Kind == TokenKind.Word && char.IsAsciiDigit(token.Value[0]))
            return Within(reporter, token, 0, 10, "A severity");
        reporter.Add(
            Codes.WrongValue,
            token.Place,
            $"{token} is not a severity.",
            Suggestions.DidYouMean(token.Value, ["low", "medium", "high", "critical"])
                ?? "Write 0 to 10, or low, medium, high or critical."
        );
        return null;
    }

    public static (int Lowest, int Highest)? SeverityRange(string name) =>
        name switch
        {
            "low" => (1, 3),
            "medium" => (4, 6),
            "high" => (7, 8),
            "critical" => (9, 10),
            _ => null,
        };

    public static double? Number(string text) =>
        double.TryParse(
            text,
            NumberStyles.AllowDecimalPoint,
            CultureInfo.InvariantCulture,
            out var number
        )
            ? number
            : null;

    public static DateOnly? Date(Reporter reporter, Token token, string code)
    {
        var culture = CultureInfo.InvariantCulture;
        const DateTimeStyles style = DateTimeStyles.None;
        if (DateOnly.TryParseExact(token.Value, "yyyy-MM-dd", culture, style, out var day))
            return day;
        reporter.Add(
            code,
            token.Place,
            $"{token} is not a date.",
            "Write 2027-01-31: the entry holds through that day."
        );
        return null;
    }

    public static Comparison ComparisonOf(Token token) =>
        token.Value switch
        {
            "==" => Comparison.Equal,
            "!=" => Comparison.NotEqual,
            "<" => Comparison.Less,
            "<=" => Comparison.LessOrEqual,
            ">" => Comparison.Greater,
            _ => Comparison.GreaterOrEqual,
        };

    /// <summary>The name of a declaration, list, field and so on: lower case, digits, underscores, dots.</summary>
    public static bool Name(Reporter reporter, Token token, bool dotted = true)
    {
        if (
            token.Value.Length <= Limits.NameCharsMax
            && (dotted ? DottedName() : PlainName()).IsMatch(token.Value)
        )
            return true;
        reporter.Add(
            Codes.WrongName,
            token.Place,
            $"{token} cannot be a name here.",
            $"Use a to z, 0 to 9 and _, begin with a letter"
                + (dotted ? ", and join parts with dots." : ".")
        );
        return false;
    }

    static long Whole(string digits) =>
        long.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);

    static long UnitMilliseconds(string unit) =>
        unit switch
        {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            _ => 86_400_000,
        };

    [GeneratedRegex(@"\A(?:[0-9]{1,9}(?:ms|s|m|h|d))+\z", RegexOptions.CultureInvariant)]
    private static partial Regex DurationParts();

    [GeneratedRegex(@"([0-9]{1,9})(ms|s|m|h|d)", RegexOptions.CultureInvariant)]
    private static partial Regex DurationPart();

    [GeneratedRegex(@"\A[0-9]{1,9}\z", RegexOptions.CultureInvariant)]
    private static partial Regex WholeNumber();

    [GeneratedRegex(@"\A[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex DottedName();

    [GeneratedRegex(@"\A[a-z][a-z0-9_]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex PlainName();
}
