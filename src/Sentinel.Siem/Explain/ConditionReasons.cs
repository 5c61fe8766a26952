using Sentinel.Policies.Compilation;
using Sentinel.Policies.Model;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Siem.Explain;

/// <summary>One predicate asked of one event: what it said, and of which values.</summary>
/// <param name="Text">As it was written.</param>
public sealed record AskedPredicate(string Text, bool Holds, IReadOnlyList<AskedValue> Values)
{
    public string Said =>
        $"{Text} {(Holds ? "held" : "did not hold")}: {string.Join(", ", Values.Select(v => v.Said))}";
}

/// <param name="Value">Null where the event has none.</param>
public sealed record AskedValue(string Field, string? Value)
{
    const int SaidCharsMax = 120;

    public string Said =>
        Value is null ? $"{Field} is absent"
        : Value.Length <= SaidCharsMax ? $"{Field} is '{Value}'"
        : $"{Field} is '{Value[..SaidCharsMax]}…'";
}

/// <summary>Why conditions hold or do not: the predicates that decided, each with its values.</summary>
sealed class ConditionReasons
{
    readonly Dictionary<Predicate, Func<IFieldValues, bool>> compiled = [];

    public bool Holds(ConditionTree tree, IFieldValues values) =>
        tree switch
        {
            ConditionTree.AllOf all => all.Of.All(one => Holds(one, values)),
            ConditionTree.AnyOf any => any.Of.Any(one => Holds(one, values)),
            ConditionTree.AtLeastOf some => some.Of.Count(one => Holds(one, values)) >= some.Count,
            ConditionTree.NotOf not => !Holds(not.Of, values),
            ConditionTree.LeafOf leaf => Holds(leaf, values),
            _ => throw new InvalidOperationException("A condition of an unknown kind."),
        };

    public bool Holds(ConditionTree.LeafOf leaf, IFieldValues values)
    {
        if (!compiled.TryGetValue(leaf.Predicate, out var holds))
            compiled[leaf.Predicate] = holds = ConditionCompiler.Compile(leaf.Predicate);
        return holds(values);
    }

    /// <summary>The predicates without which the condition could have said something else.</summary>
    public IEnumerable<AskedPredicate> Deciding(ConditionTree tree, IFieldValues values) =>
        tree switch
        {
            ConditionTree.AllOf all => DecidingAmong(all.Of, Holds(tree, values), values),
            ConditionTree.AnyOf any => DecidingAmong(any.Of, Holds(tree, values), values),
            ConditionTree.AtLeastOf some => DecidingAmong(some.Of, Holds(tree, values), values),
            ConditionTree.NotOf not => Deciding(not.Of, values),
            ConditionTree.LeafOf leaf => [Ask(leaf, values)],
            _ => [],
        };

    IEnumerable<AskedPredicate> DecidingAmong(
        IEnumerable<ConditionTree> parts,
        bool holds,
        IFieldValues values
    ) =>
        parts
            .Where(part => Holds(part, values) == holds)
            .SelectMany(part => Deciding(part, values));

    AskedPredicate Ask(ConditionTree.LeafOf leaf, IFieldValues values)
    {
        var read = leaf
            .Predicate.Reads.Select(field => new AskedValue(
                field.Name,
                values[field.Ordinal] is { } value ? FieldValue.ToText(value) : null
            ))
            .ToList();
        if (leaf.Predicate.Field is null)
            read.Insert(0, new AskedValue("record", "all its values"));
        return new AskedPredicate(leaf.Text, Holds(leaf, values), read);
    }
}
