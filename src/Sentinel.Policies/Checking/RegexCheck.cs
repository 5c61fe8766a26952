using System.Globalization;
using System.Text.RegularExpressions;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary>Whether a pattern is sure to run in linear time; says why where it is not.</summary>
static partial class RegexCheck
{
    public static bool Passes(Reporter reporter, Token pattern, RegexOptions options)
    {
        if (pattern.Value.Length > Limits.RegexCharsMax)
            return Refuse(
                reporter,
                pattern,
                $"A regular expression has at most {Limits.RegexCharsMax} characters."
            );
        if (Repetitions(pattern.Value) > Limits.RegexRepetitionsMax)
            return Refuse(
                reporter,
                pattern,
                "The counted repetitions of this regular expression make more than "
                    + $"{Limits.RegexRepetitionsMax} pieces."
            );
        // Building the automaton takes milliseconds, and only these could be refused.
        if (MayBeRefused().IsMatch(pattern.Value))
            options |= RegexOptions.NonBacktracking;
        try
        {
            _ = new Regex(pattern.Value, options | RegexOptions.CultureInvariant);
            return true;
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

    static bool Refuse(Reporter reporter, Token pattern, string message)
    {
        reporter.Add(
            Codes.WrongRegex,
            pattern.Place,
            message,
            "Ask for contains, startswith or endswith, or join several conditions by 'and'."
        );
        return false;
    }

    /// <summary>
    /// How many pieces the counted repetitions write out: they add up side by side, and multiply where
    /// they nest. (a{1000}){1000} is a million states.
    /// </summary>
    static double Repetitions(string pattern)
    {
        var groups = new Stack<double>();
        var (sum, last) = (0.0, 1.0);
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] == '\\')
                i++;
            else if (pattern[i] == '[')
                i = EndOfClass(pattern, i);
            else if (pattern[i] == '(')
            {
                groups.Push(sum);
                sum = 0;
                continue;
            }
            else if (pattern[i] == ')' && groups.TryPop(out var before))
            {
                last = Math.Max(1, sum);
                sum += before;
                continue;
            }
            else if (Repetition().Match(pattern, i) is { Success: true } counted)
            {
                sum += last * (Count(counted) - 1);
                last *= Count(counted);
                i += counted.Length - 1;
                continue;
            }
            last = 1;
            sum++;
        }
        return sum + groups.Sum();
    }

    /// <summary>Where a set of characters closes, whatever signs stand in it.</summary>
    static int EndOfClass(string pattern, int start)
    {
        var depth = 1;
        var i = start + 1;
        i += i < pattern.Length && pattern[i] == '^' ? 1 : 0;
        i += i < pattern.Length && pattern[i] == ']' ? 1 : 0;
        for (; i < pattern.Length; i++)
            if (pattern[i] == '\\')
                i++;
            else if (pattern[i] == '[' && pattern[i - 1] == '-')
                depth++;
            else if (pattern[i] == ']' && --depth == 0)
                break;
        return i;
    }

    static double Count(Match match) =>
        Math.Max(
            1,
            double.Parse(
                match.Groups[2].Success ? match.Groups[2].Value : match.Groups[1].Value,
                CultureInfo.InvariantCulture
            )
        );

    [GeneratedRegex(@"\G\{([0-9]+)(?:,([0-9]+))?,?\}", RegexOptions.CultureInvariant)]
    private static partial Regex Repetition();

    /// <summary>Look-around, atomic groups, conditionals, references back, and the end of the last match.</summary>
    [GeneratedRegex(@"\(\?(?:[=!>(]|<[=!])|\\[1-9kG]", RegexOptions.CultureInvariant)]
    private static partial Regex MayBeRefused();
}
