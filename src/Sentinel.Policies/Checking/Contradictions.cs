using System.Text.RegularExpressions;
using Sentinel.Policies.Compilation;
using Sentinel.Policies.Model;

namespace Sentinel.Policies.Checking;

/// <summary>
/// Finds a field of which one event is asked what no value has: <c>x == a and x == b</c>. It tries every
/// value that could make a difference, and says nothing where it cannot name them all.
/// </summary>
static class Contradictions
{
    /// <param name="Asked">What cannot hold together, in the words of the text.</param>
    public sealed record Contradiction(Field Field, IReadOnlyList<string> Asked);

    /// <param name="joined">What must hold of one event, all of it.</param>
    public static Contradiction? In(IEnumerable<ConditionTree> joined)
    {
        var ofOneField = joined
            .SelectMany(Parts)
            .Select(tree => (Tree: tree, Field: OnlyField(tree)))
            .Where(one => one.Field is not null)
            .GroupBy(one => one.Field!, one => one.Tree);
        foreach (var asked in ofOneField)
            if (!MayHold(asked.Key, [.. asked]))
                return new(
                    asked.Key,
                    [.. asked.SelectMany(tree => tree.Leaves).Select(leaf => leaf.Text).Distinct()]
                );
        return null;
    }

    static IEnumerable<ConditionTree> Parts(ConditionTree tree) =>
        tree is ConditionTree.AllOf all ? all.Of.SelectMany(Parts) : [tree];

    static Field? OnlyField(ConditionTree tree)
    {
        List<Field?> fields =
        [
            .. tree
                .Leaves.SelectMany(leaf => leaf.Predicate.Reads.Append(leaf.Predicate.Field))
                .Distinct(),
        ];
        return fields is [var field] ? field : null;
    }

    static bool MayHold(Field field, IReadOnlyList<ConditionTree> asked)
    {
        var tests = asked.SelectMany(t => t.Leaves).Select(leaf => leaf.Predicate.Asked).ToList();
        if (ValuesFor(field, asked, tests) is not { } values)
            return true;
        return values.Append(null).Any(value => asked.All(tree => Holds(tree, field, value)));
    }

    /// <summary>One of each kind of value that the tests tell apart, or null where they are too many.</summary>
    static IEnumerable<object?>? ValuesFor(
        Field field,
        IReadOnlyList<ConditionTree> asked,
        IReadOnlyList<PredicateTest> tests
    ) =>
        field.Type switch
        {
            FieldType.Boolean => [true, false],
            FieldType.Integer when AreOf<PredicateTest.NumberIs>(tests) => Numbers(tests)
                .SelectMany(n => new[] { Math.Floor(n), Math.Floor(n) - 1, Math.Floor(n) + 1 })
                .Select(n => (object)(long)Math.Clamp(n, -1e18, 1e18)),
            FieldType.Number when AreOf<PredicateTest.NumberIs>(tests) => Between(Numbers(tests)),
            FieldType.Time when AreOf<PredicateTest.TimeIs>(tests) => tests
                .OfType<PredicateTest.TimeIs>()
                .SelectMany(t => new[] { -1, 0, 1 }.Select(ticks => (object)Near(t.Wanted, ticks))),
            FieldType.Text when tests.All(IsUncased) => asked
                .Select(EqualTexts)
                .FirstOrDefault(texts => texts is not null),
            FieldType.Text
            or FieldType.Integer
            or FieldType.Number
            or FieldType.Time
            or FieldType.Address
            or FieldType.TextList
            or FieldType.Untyped => null,
        };

    static bool AreOf<TTest>(IReadOnlyList<PredicateTest> tests)
        where TTest : PredicateTest => tests.All(t => t is TTest or PredicateTest.IsPresent);

    static List<double> Numbers(IReadOnlyList<PredicateTest> tests) =>
        [.. tests.OfType<PredicateTest.NumberIs>().SelectMany(t => t.Wanted).Append(0).Order()];

    static IEnumerable<object> Between(List<double> numbers) =>
        numbers
            .Concat(numbers.Zip(numbers.Skip(1), (a, b) => a + (b - a) / 2))
            .Append(numbers[0] - Math.Abs(numbers[0]) - 1)
            .Append(numbers[^1] + Math.Abs(numbers[^1]) + 1)
            .Select(n => (object)n);

    static DateTimeOffset Near(DateTimeOffset time, int ticks) =>
        time > DateTimeOffset.MinValue && time < DateTimeOffset.MaxValue
            ? time.AddTicks(ticks)
            : time;

    // With case, equal texts would be several.
    static bool IsUncased(PredicateTest test) =>
        test switch
        {
            PredicateTest.TextIs text => !text.Cased && !text.OrByNumber,
            PredicateTest.RegexFinds regex => regex.Options.HasFlag(RegexOptions.IgnoreCase),
            PredicateTest.IsPresent or PredicateTest.IsNotFalse => true,
            _ => false,
        };

    /// <summary>All the texts of which one must be equal, or null where others do too.</summary>
    static IEnumerable<object?>? EqualTexts(ConditionTree tree) =>
        tree switch
        {
            ConditionTree.LeafOf
            {
                Predicate.Asked: PredicateTest.TextIs { Match: TextMatch.Equal } text
            } => text.Wanted,
            ConditionTree.AnyOf any when any.Of.Select(EqualTexts).ToList() is var of =>
                of.Contains(null) ? null : of.SelectMany(texts => texts!),
            _ => null,
        };

    static bool Holds(ConditionTree tree, Field field, object? value) =>
        ConditionCompiler.Condition("", tree).Holds(new TriedValue(field.Ordinal, value));

    sealed class TriedValue(int ordinal, object? value) : IFieldValues
    {
        public object? this[int asked] => asked == ordinal ? value : null;

        public IEnumerable<object> Everything => value is null ? [] : [value];
    }
}
