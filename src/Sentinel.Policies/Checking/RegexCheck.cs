using System.Globalization;
using System.Text.RegularExpressions;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary>Compiles a pattern that is sure to run in linear time, or says why it cannot.</summary>
static partial class RegexCheck
{
    public static Regex? Compile(Reporter reporter, Token pattern)
    {
        if (pattern.Value.Length > Limits.RegexCharsMax)
            return Refuse(
                reporter,
                pattern,
                $"A regular expression has at most {Limits.RegexCharsMax} characters."
            );
        // Counted repetitions multiply where they nest: (a{1000}){1000} is a million states.
        var repetitions = Repetition()
            .Matches(pattern.Value)
            .Aggregate(1.0, (product, match) => product * Count(match));
        if (repetitions > Limits.RegexRepetitionsMax)
            return Refuse(
                reporter,
                pattern,
                "The counted repetitions of this regular expression multiply to more than "
                    + $"{Limits.RegexRepetitionsMax}."
            );
        try
        {
            return new Regex(
                pattern.Value,
                RegexOptions.NonBacktracking | RegexOptions.CultureInvariant
            );
        }
        catch (ArgumentException wrong)
        {
            return Refuse(reporter, pattern, $"The regular expression is wrong: {wrong.Message}");
        }
        catch (NotSupportedException)
        {
            return Refuse(
                reporter,
                pattern,
                "This regular expression cannot run in linear time: it looks ahead or behind, "
                    + "refers back, or is conditional or atomic."
            );
        }
    }

    static Regex? Refuse(Reporter reporter, Token pattern, string message)
    {
        reporter.Add(
            Codes.WrongRegex,
            pattern.Place,
            message,
            "Ask for contains, startswith or endswith, or join several conditions by 'and'."
        );
        return null;
    }

    static double Count(Match match) =>
        Math.Max(
            1,
            double.Parse(
                match.Groups[2].Success ? match.Groups[2].Value : match.Groups[1].Value,
                CultureInfo.InvariantCulture
            )
        );

    [GeneratedRegex(@"\{([0-9]+)(?:,([0-9]+))?,?\}", RegexOptions.CultureInvariant)]
    private static partial Regex Repetition();
}
