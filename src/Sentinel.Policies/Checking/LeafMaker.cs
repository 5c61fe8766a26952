using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary>Leaves over one subject, each with the words that ask for it.</summary>
/// <param name="field">Null for every value of the whole event.</param>
sealed class LeafMaker(Field? field, SubjectSyntax subject)
{
    public ConditionTree? Of(TestSyntax asked, PredicateTest? test) =>
        test is null
            ? null
            : new ConditionTree.LeafOf(
                ConditionText.Of(subject, asked),
                new Predicate(field, test)
            );

    /// <summary>Null if one of them is.</summary>
    public static ConditionTree? Any(IReadOnlyList<ConditionTree?> each) =>
        each.Contains(null) ? null
        : each.Count == 1 ? each[0]
        : new ConditionTree.AnyOf([.. each.OfType<ConditionTree>()]);

    /// <summary>Null if one of them is.</summary>
    public static ConditionTree? All(IReadOnlyList<ConditionTree?> each) =>
        each.Contains(null) ? null
        : each.Count == 1 ? each[0]
        : new ConditionTree.AllOf([.. each.OfType<ConditionTree>()]);
}
