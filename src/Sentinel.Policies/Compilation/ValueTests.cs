using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Sentinel.Policies.Model;

namespace Sentinel.Policies.Compilation;

/// <summary>Tests of one value that is there and is no list.</summary>
static class ValueTests
{
    public static Func<object, bool> Compile(PredicateTest test) =>
        test switch
        {
            PredicateTest.TextIs of => OfText(of),
            PredicateTest.RegexFinds of => Regexes(of),
            PredicateTest.NumberIs of => Number(of.Comparison, of.Wanted),
            PredicateTest.FlagIs of => value =>
                value switch
                {
                    bool flag => flag == of.Wanted,
                    string text => text == (of.Wanted ? "true" : "false"),
                    _ => false,
                },
            PredicateTest.TimeIs of => value =>
                ValueText.Time(value) is { } time
                && Holds(time.CompareTo(of.Wanted), of.Comparison),
            PredicateTest.TimePartIs of => TimePart(of),
            PredicateTest.AddressIn of => Addresses(of.Ranges),
            _ => throw new UnreachableException(),
        };

    static Func<object, bool> OfText(PredicateTest.TextIs of)
    {
        var casing = Casing(of.Cased);
        var match = of.Match switch
        {
            TextMatch.Equal => OneOf(of.Wanted, StringComparer.FromComparison(casing)),
            TextMatch.Contains => Contains(of.Wanted, casing),
            TextMatch.StartsWith => Any(of.Wanted, (text, value) => text.StartsWith(value, casing)),
            TextMatch.EndsWith => Any(of.Wanted, (text, value) => text.EndsWith(value, casing)),
            TextMatch.Like => Like(of.Wanted, of.Cased),
        };
        var numbers = of.OrByNumber
            ? of.Wanted.Select(v => ValueText.Number(v)).OfType<double>().ToArray()
            : [];
        if (numbers.Length == 0)
            return value => ValueText.Of(value) is { } text && match(text);
        return value =>
            ValueText.Of(value) is { } text && match(text)
            || ValueText.Number(value) is { } number && numbers.Contains(number);
    }

    static Func<string, bool> OneOf(ValueList<string> values, StringComparer comparer)
    {
        if (values.Count > 1)
            return values.ToHashSet(comparer).Contains;
        var wanted = values[0];
        return text => comparer.Equals(text, wanted);
    }

    static Func<string, bool> Contains(ValueList<string> values, StringComparison casing)
    {
        if (values.Count == 1)
            return Any(values, (text, value) => text.Contains(value, casing));
        var search = SearchValues.Create([.. values], casing);
        return text => text.AsSpan().ContainsAny(search);
    }

    static Func<string, bool> Like(ValueList<string> values, bool cased)
    {
        var patterns = values.Select(LikePattern.Parse).ToArray();
        return text => Array.Exists(patterns, pattern => pattern.Matches(text, cased));
    }

    static Func<string, bool> Any(ValueList<string> values, Func<string, string, bool> holds)
    {
        if (values.Count > 1)
            return text => values.Any(value => holds(text, value));
        var wanted = values[0];
        return text => holds(text, wanted);
    }

    static Func<object, bool> Regexes(PredicateTest.RegexFinds of)
    {
        const RegexOptions always = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;
        // Building an automaton takes milliseconds, and most are never asked.
        var regexes = new Lazy<Regex[]>(() =>
            [.. of.Patterns.Select(p => new Regex(p, of.Options | always))]
        );
        return value =>
            ValueText.Of(value) is { } text
            && Array.Exists(regexes.Value, regex => regex.IsMatch(text));
    }

    static Func<object, bool> Number(Comparison comparison, ValueList<double> values)
    {
        if (values.Count > 1)
        {
            var each = values.Select(value => Number(comparison, [value])).ToArray();
            return value => Array.Exists(each, holds => holds(value));
        }
        // A 64-bit integer is compared as one: a double forgets the last digits of large ids.
        var wanted = values[0];
        var whole = wanted is >= -9e15 and <= 9e15 && Math.Floor(wanted) == wanted;
        var integer = whole ? (long)wanted : 0;
        return value =>
            value is long exact && whole
                ? Holds(exact.CompareTo(integer), comparison)
                : ValueText.Number(value) is { } number
                    && !double.IsNaN(number)
                    && Holds(number.CompareTo(wanted), comparison);
    }

    static Func<object, bool> TimePart(PredicateTest.TimePartIs of)
    {
        var number = Number(of.Comparison, of.Wanted);
        return value => ValueText.Time(value) is { } time && number((long)Part(time, of.Part));
    }

    static int Part(DateTimeOffset time, TimePart part) =>
        part switch
        {
            Model.TimePart.Minute => time.UtcDateTime.Minute,
            Model.TimePart.Hour => time.UtcDateTime.Hour,
            Model.TimePart.Day => time.UtcDateTime.Day,
            Model.TimePart.Week => ISOWeek.GetWeekOfYear(time.UtcDateTime),
            Model.TimePart.Month => time.UtcDateTime.Month,
            Model.TimePart.Year => time.UtcDateTime.Year,
            Model.TimePart.Weekday => (int)(time.UtcDateTime.DayOfWeek + 6) % 7 + 1,
        };

    static Func<object, bool> Addresses(ValueList<AddressRange> wanted)
    {
        var ranges = new AddressRanges(wanted.Select(range => (range, DateTimeOffset.MaxValue)));
        return value =>
            ValueText.Address(value) is { } address
            && ranges.Contain(address, DateTimeOffset.MinValue);
    }

    /// <summary>How two values stand to each other; null where that cannot be said.</summary>
    public static int? Order(object one, object other, bool cased) =>
        (one, other) switch
        {
            (long a, long b) => a.CompareTo(b),
            (DateTimeOffset a, DateTimeOffset b) => a.CompareTo(b),
            (IPAddress a, IPAddress b) => ValueText.Canonical(a).Equals(ValueText.Canonical(b))
                ? 0
                : 1,
            _ when ValueText.Number(one) is { } a && ValueText.Number(other) is { } b =>
                double.IsNaN(a) || double.IsNaN(b) ? null : a.CompareTo(b),
            _ => string.Compare(ValueText.Of(one), ValueText.Of(other), Casing(cased)),
        };

    public static bool Holds(int order, Comparison comparison) =>
        comparison switch
        {
            Comparison.Equal => order == 0,
            Comparison.NotEqual => order != 0,
            Comparison.Less => order < 0,
            Comparison.LessOrEqual => order <= 0,
            Comparison.Greater => order > 0,
            Comparison.GreaterOrEqual => order >= 0,
        };

    public static StringComparison Casing(bool cased) =>
        cased ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
}
