using System.Diagnostics;
using Sentinel.Policies.Model;

namespace Sentinel.Policies.Matching;

/// <summary>Triggers of which at least one fires wherever a condition holds.</summary>
/// <param name="Triggers">None: it never holds. Null: it may hold without any.</param>
/// <param name="Cost">How often they are expected to fire.</param>
readonly record struct Cover(IReadOnlyList<Trigger>? Triggers, double Cost)
{
    public static Cover Never { get; } = new([], 0);

    public static Cover Unknown { get; } = new(null, double.PositiveInfinity);

    public static Cover Any(IEnumerable<Cover> of)
    {
        List<Cover> all = [.. of];
        if (all.Exists(c => c.Triggers is null))
            return Unknown;
        return all.Count == 1
            ? all[0]
            : new([.. all.SelectMany(c => c.Triggers!).Distinct()], all.Sum(c => c.Cost));
    }
}

/// <summary>Chooses, for each condition, the triggers that are expected to fire least.</summary>
/// <param name="known">What an event is known to answer, where it is.</param>
sealed class TriggerCover(Func<Predicate, bool?> known, LeafTriggers leaves)
{
    public Cover Of(ConditionTree tree) => Of(tree, negated: false);

    Cover Of(ConditionTree tree, bool negated) =>
        tree switch
        {
            ConditionTree.AllOf all => AtLeast(all.Of.Count, all.Of, negated),
            ConditionTree.AnyOf any => AtLeast(1, any.Of, negated),
            ConditionTree.AtLeastOf some => AtLeast(some.Count, some.Of, negated),
            ConditionTree.NotOf not => Of(not.Of, !negated),
            ConditionTree.LeafOf leaf => Of(leaf.Predicate, negated),
            _ => throw new UnreachableException(),
        };

    /// <summary>
    /// Where k of n hold, one of any n − k + 1 does: the cheapest of these cover the whole. That not k of n
    /// hold is that n − k + 1 do not.
    /// </summary>
    Cover AtLeast(int count, ValueList<ConditionTree> of, bool negated)
    {
        var wanted = negated ? of.Count - count + 1 : count;
        var enough = of.Count - wanted + 1;
        if (wanted <= 0)
            return Cover.Unknown;
        if (enough <= 0)
            return Cover.Never;
        var covers = of.Select(one => Of(one, negated));
        return enough == of.Count ? Cover.Any(covers)
            : enough == 1 ? covers.MinBy(c => c.Cost)
            : Cover.Any(covers.OrderBy(c => c.Cost).Take(enough));
    }

    Cover Of(Predicate predicate, bool negated)
    {
        if (known(predicate) is { } answer)
            return answer == negated ? Cover.Never : Cover.Unknown;
        // What is not there needs nothing to be so.
        return negated ? Cover.Unknown : leaves.Of(predicate);
    }
}
