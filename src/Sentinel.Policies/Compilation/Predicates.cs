using System.Net;
using System.Text.RegularExpressions;
using Sentinel.Policies.Model;

namespace Sentinel.Policies.Compilation;

/// <summary>
/// The leaves of compiled conditions. Each reads one ordinal; an absent value makes it false, and a
/// value that is a list makes it true if any of its elements does.
/// </summary>
static class Predicates
{
    public static Func<IFieldValues, bool> All(IReadOnlyList<Func<IFieldValues, bool>> of)
    {
        var all = of.ToArray();
        return values =>
        {
            foreach (var holds in all)
                if (!holds(values))
                    return false;
            return true;
        };
    }

    public static Func<IFieldValues, bool> Any(IReadOnlyList<Func<IFieldValues, bool>> of)
    {
        var any = of.ToArray();
        return values =>
        {
            foreach (var holds in any)
                if (holds(values))
                    return true;
            return false;
        };
    }

    public static Func<IFieldValues, bool> Not(Func<IFieldValues, bool> of) =>
        values => !of(values);

    public static Func<IFieldValues, bool> Exists(int ordinal) =>
        values => values[ordinal] is not null;

    public static Func<IFieldValues, bool> Has(int ordinal) =>
        values => values[ordinal] is not (null or false or "false");

    public static Func<IFieldValues, bool> Text(int ordinal, Func<string, bool> holds) =>
        values =>
            values[ordinal] switch
            {
                null => false,
                string text => holds(text),
                IReadOnlyList<string> many => many.Any(holds),
                var other => ValueText.Of(other) is { } text && holds(text),
            };

    public static Func<string, bool> Equal(string wanted, bool cased) =>
        text => string.Equals(text, wanted, Casing(cased));

    public static Func<string, bool> Contains(string part, bool cased) =>
        text => text.Contains(part, Casing(cased));

    public static Func<string, bool> StartsWith(string part, bool cased) =>
        text => text.StartsWith(part, Casing(cased));

    public static Func<string, bool> EndsWith(string part, bool cased) =>
        text => text.EndsWith(part, Casing(cased));

    public static Func<string, bool> Matches(Regex regex) => regex.IsMatch;

    public static Func<string, bool> OneOf(IEnumerable<string> wanted, bool cased)
    {
        var set = wanted.ToHashSet(
            cased ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase
        );
        return set.Contains;
    }

    public static Func<IFieldValues, bool> Number(int ordinal, Comparison comparison, double wanted)
    {
        // A 64-bit integer is compared as one: a double forgets the last digits of large ids.
        var whole = wanted is >= -9e15 and <= 9e15 && Math.Floor(wanted) == wanted;
        var integer = whole ? (long)wanted : 0;
        return values =>
            values[ordinal] switch
            {
                long value when whole => Compare(value.CompareTo(integer), comparison),
                var value => ValueText.Number(value) is { } number
                    && !double.IsNaN(number)
                    && Compare(number.CompareTo(wanted), comparison),
            };
    }

    /// <summary>Equal as a number where both are, else as text: for members whose type nobody declared.</summary>
    public static Func<string, bool> Loosely(string wanted, bool cased)
    {
        var same = Equal(wanted, cased);
        if (ValueText.Number(wanted) is not { } number)
            return same;
        return text => same(text) || ValueText.Number(text) == number;
    }

    public static Func<IFieldValues, bool> Flag(int ordinal, bool wanted) =>
        values =>
            values[ordinal] switch
            {
                bool flag => flag == wanted,
                string text => text == (wanted ? "true" : "false"),
                _ => false,
            };

    public static Func<IFieldValues, bool> Time(
        int ordinal,
        Comparison comparison,
        DateTimeOffset wanted
    ) =>
        values =>
            values[ordinal] is DateTimeOffset time && Compare(time.CompareTo(wanted), comparison);

    public static Func<IFieldValues, bool> Within(int ordinal, IEnumerable<AddressRange> wanted)
    {
        var ranges = new AddressRanges(wanted.Select(range => (range, DateTimeOffset.MaxValue)));
        return values =>
            ValueText.Address(values[ordinal]) is { } address
            && ranges.Contain(address, DateTimeOffset.MinValue);
    }

    /// <param name="timeOrdinal">Of event_time, or null where there is none.</param>
    public static Func<IFieldValues, bool> InList(int ordinal, ListIndex list, int? timeOrdinal) =>
        values =>
            list.Contains(
                values[ordinal],
                timeOrdinal is { } time ? values[time] as DateTimeOffset? : null
            );

    public static Func<IFieldValues, bool> Fields(
        int one,
        Comparison comparison,
        int other,
        bool cased
    ) =>
        values =>
            (values[one], values[other]) switch
            {
                (null, _) or (_, null) => false,
                (long a, long b) => Compare(a.CompareTo(b), comparison),
                (DateTimeOffset a, DateTimeOffset b) => Compare(a.CompareTo(b), comparison),
                (IPAddress a, IPAddress b) => Compare(
                    ValueText.Canonical(a).Equals(ValueText.Canonical(b)) ? 0 : 1,
                    comparison
                ),
                var (a, b) when ValueText.Number(a) is { } x && ValueText.Number(b) is { } y =>
                    Compare(x.CompareTo(y), comparison),
                var (a, b) => Compare(
                    string.Compare(ValueText.Of(a), ValueText.Of(b), Casing(cased)),
                    comparison
                ),
            };

    static bool Compare(int order, Comparison comparison) =>
        comparison switch
        {
            Comparison.Equal => order == 0,
            Comparison.NotEqual => order != 0,
            Comparison.Less => order < 0,
            Comparison.LessOrEqual => order <= 0,
            Comparison.Greater => order > 0,
            Comparison.GreaterOrEqual => order >= 0,
        };

    static StringComparison Casing(bool cased) =>
        cased ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
}
