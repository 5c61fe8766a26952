using System.Diagnostics;
using System.Runtime.CompilerServices;
using Sentinel.Policies.Model;

namespace Sentinel.Policies.Compilation;

/// <summary>
/// The leaves of compiled conditions. An absent value makes each false, and a value that is a list makes
/// it true if any of its elements does.
/// </summary>
static class Predicates
{
    static readonly ConditionalWeakTable<ListDeclaration, ListIndex> indexes = [];

    public static Func<IFieldValues, bool> Compile(Predicate predicate)
    {
        if (predicate.Field is not { } field)
            return OfRecord(ValueTests.Compile(predicate.Asked));
        var ordinal = field.Ordinal;
        return predicate.Asked switch
        {
            PredicateTest.IsPresent => values => values[ordinal] is not null,
            PredicateTest.IsNotFalse => values => values[ordinal] is not (null or false or "false"),
            PredicateTest.InListOf of => InList(
                ordinal,
                indexes.GetValue(of.List, list => new ListIndex(list)),
                of.Time?.Ordinal
            ),
            PredicateTest.FieldIs of => OfTwo(
                ordinal,
                of.Other.Ordinal,
                (one, other) =>
                    ValueTests.Order(one, other, of.Cased) is { } order
                    && ValueTests.Holds(order, of.Comparison)
            ),
            PredicateTest.TextOfField of => OfTwo(
                ordinal,
                of.Other.Ordinal,
                (one, other) => TextOf(one, of, other)
            ),
            var test => OfField(ordinal, ValueTests.Compile(test)),
        };
    }

    static Func<IFieldValues, bool> OfField(int ordinal, Func<object, bool> holds) =>
        values =>
            values[ordinal] switch
            {
                null => false,
                IReadOnlyList<string> many => many.Any(holds),
                var one => holds(one),
            };

    static Func<IFieldValues, bool> OfRecord(Func<object, bool> holds) =>
        values =>
        {
            foreach (var value in values.Everything)
                if (value is IReadOnlyList<string> many ? many.Any(holds) : holds(value))
                    return true;
            return false;
        };

    static Func<IFieldValues, bool> OfTwo(
        int ordinal,
        int otherOrdinal,
        Func<object, object, bool> holds
    ) =>
        values =>
        {
            if (values[ordinal] is not { } one || values[otherOrdinal] is not { } other)
                return false;
            foreach (var left in one as IReadOnlyList<string> ?? (IEnumerable<object>)[one])
            foreach (var right in other as IReadOnlyList<string> ?? (IEnumerable<object>)[other])
                if (holds(left, right))
                    return true;
            return false;
        };

    static bool TextOf(object one, PredicateTest.TextOfField of, object other)
    {
        if (ValueText.Of(one) is not { } text || ValueText.Of(other) is not { } part)
            return false;
        var casing = ValueTests.Casing(of.Cased);
        return of.Match switch
        {
            TextMatch.Equal => string.Equals(text, part, casing),
            TextMatch.Contains => text.Contains(part, casing),
            TextMatch.StartsWith => text.StartsWith(part, casing),
            TextMatch.EndsWith => text.EndsWith(part, casing),
            TextMatch.Like => throw new UnreachableException(),
        };
    }

    /// <param name="timeOrdinal">Of event_time, or null where there is none.</param>
    static Func<IFieldValues, bool> InList(int ordinal, ListIndex list, int? timeOrdinal) =>
        values =>
            list.Contains(
                values[ordinal],
                timeOrdinal is { } time ? values[time] as DateTimeOffset? : null
            );
}
