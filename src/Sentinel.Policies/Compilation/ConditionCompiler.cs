using System.Diagnostics;
using Sentinel.Policies.Model;

namespace Sentinel.Policies.Compilation;

/// <summary>Trees to delegates: the plain way to evaluate a condition, one event at a time.</summary>
public static class ConditionCompiler
{
    public static Condition Condition(string text, ConditionTree tree) =>
        new(
            text,
            tree,
            [.. tree.Leaves.SelectMany(leaf => leaf.Predicate.Reads).Distinct()],
            new Lazy<Func<IFieldValues, bool>>(() => Compile(tree))
        );

    public static Func<IFieldValues, bool> Compile(ConditionTree tree) =>
        tree switch
        {
            ConditionTree.AllOf all => AllOf([.. all.Of.Select(Compile)]),
            ConditionTree.AnyOf any => AtLeastOf(1, [.. any.Of.Select(Compile)]),
            ConditionTree.AtLeastOf some => AtLeastOf(some.Count, [.. some.Of.Select(Compile)]),
            ConditionTree.NotOf not => NotOf(Compile(not.Of)),
            ConditionTree.LeafOf leaf => Predicates.Compile(leaf.Predicate),
            _ => throw new UnreachableException(),
        };

    public static Func<IFieldValues, bool> Compile(Predicate predicate) =>
        Predicates.Compile(predicate);

    static Func<IFieldValues, bool> NotOf(Func<IFieldValues, bool> of) => values => !of(values);

    static Func<IFieldValues, bool> AllOf(Func<IFieldValues, bool>[] of) =>
        values =>
        {
            foreach (var holds in of)
                if (!holds(values))
                    return false;
            return true;
        };

    static Func<IFieldValues, bool> AtLeastOf(int count, Func<IFieldValues, bool>[] of) =>
        values =>
        {
            var missing = count;
            foreach (var holds in of)
                if (holds(values) && --missing == 0)
                    return true;
            return missing <= 0;
        };
}
