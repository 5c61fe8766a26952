using Sentinel.Policies.Model;

namespace Sentinel.Policies.Matching;

/// <summary>Fields that rules require to equal something: what tells rules apart before any search.</summary>
static class Equalities
{
    const int SelectorsPerDiscriminatorMin = 8;
    const double SelectorsShareMin = 0.1;

    /// <summary>The fields that most selectors require so, with every such predicate.</summary>
    public static IEnumerable<Discriminator> Discriminate(
        IReadOnlyList<ConditionTree> trees,
        int discriminatorsMax
    )
    {
        var ordinals = trees
            .SelectMany(FieldsOf)
            .CountBy(ordinal => ordinal)
            .Where(of => of.Value >= SelectorsPerDiscriminatorMin)
            .Where(of => of.Value >= SelectorsShareMin * trees.Count)
            .OrderByDescending(of => of.Value)
            .ThenBy(of => of.Key)
            .Take(discriminatorsMax)
            .Select(of => of.Key)
            .ToList();
        var predicates = trees
            .SelectMany(t => t.Leaves)
            .Select(l => l.Predicate)
            .Where(IsEquality)
            .Distinct()
            .ToLookup(p => p.Field!.Ordinal);
        return ordinals.Select(o => new Discriminator(o, [.. predicates[o]]));
    }

    /// <summary>Equalities without which the tree cannot hold.</summary>
    public static IEnumerable<Predicate> Required(ConditionTree tree) =>
        tree switch
        {
            ConditionTree.AllOf all => all.Of.SelectMany(Required),
            ConditionTree.LeafOf { Predicate: var predicate } when IsEquality(predicate) =>
            [
                predicate,
            ],
            _ => [],
        };

    /// <summary>Fields one of whose equalities the tree cannot hold without.</summary>
    static HashSet<int> FieldsOf(ConditionTree tree)
    {
        switch (tree)
        {
            case ConditionTree.LeafOf { Predicate: var predicate } when IsEquality(predicate):
                return [predicate.Field!.Ordinal];
            case ConditionTree.AllOf all:
                return [.. all.Of.SelectMany(FieldsOf)];
            case ConditionTree.AnyOf { Of.Count: > 0 } any:
                var common = FieldsOf(any.Of[0]);
                foreach (var other in any.Of.Skip(1))
                    common.IntersectWith(FieldsOf(other));
                return common;
            default:
                return [];
        }
    }

    static bool IsEquality(Predicate predicate) =>
        predicate
            is {
                Field: not null,
                Asked: PredicateTest.TextIs { Match: TextMatch.Equal }
                    or PredicateTest.NumberIs { Comparison: Comparison.Equal }
            };
}
