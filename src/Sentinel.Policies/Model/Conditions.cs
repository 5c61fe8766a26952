namespace Sentinel.Policies.Model;

/// <summary>
/// One condition: its text, what it asks as a tree, and the fields that it reads. A comparison with an
/// absent value is false and its negation true.
/// </summary>
/// <param name="compiled">Made on first use, since a host may evaluate the tree in a way of its own.</param>
public sealed class Condition(
    string text,
    ConditionTree tree,
    IReadOnlyList<Field> reads,
    Lazy<Func<IFieldValues, bool>> compiled
)
{
    /// <summary>As it was written, with its white space evened out.</summary>
    public string Text { get; } = text;

    public ConditionTree Tree { get; } = tree;

    public IReadOnlyList<Field> Reads { get; } = reads;

    public Func<IFieldValues, bool> Holds => compiled.Value;
}

/// <summary>What a condition asks. Trees are equal when they ask the same in the same words.</summary>
public abstract record ConditionTree
{
    /// <summary>Of none: true.</summary>
    public sealed record AllOf(ValueList<ConditionTree> Of) : ConditionTree;

    /// <summary>Of none: false.</summary>
    public sealed record AnyOf(ValueList<ConditionTree> Of) : ConditionTree;

    /// <summary><c>2 of (a, b, c)</c></summary>
    public sealed record AtLeastOf(int Count, ValueList<ConditionTree> Of) : ConditionTree;

    public sealed record NotOf(ConditionTree Of) : ConditionTree;

    /// <param name="Text">As it was written; of <c>contains all</c>, the part that is asked for here.</param>
    public sealed record LeafOf(string Text, Predicate Predicate) : ConditionTree;

    /// <summary>The leaves from left to right.</summary>
    public IEnumerable<LeafOf> Leaves =>
        this switch
        {
            AllOf all => all.Of.SelectMany(one => one.Leaves),
            AnyOf any => any.Of.SelectMany(one => one.Leaves),
            AtLeastOf some => some.Of.SelectMany(one => one.Leaves),
            NotOf not => not.Of.Leaves,
            LeafOf leaf => [leaf],
            _ => [],
        };
}

/// <summary>
/// One question to one field. Two that ask the same are equal, so that a host can ask each once.
/// An absent value makes it false, and a value that is a list makes it true if any element does.
/// </summary>
/// <param name="Field">Null asks every value of the whole event: keyword search.</param>
public sealed record Predicate(Field? Field, PredicateTest Asked)
{
    /// <summary>The field itself, and what it is compared with or by.</summary>
    public IEnumerable<Field> Reads
    {
        get
        {
            if (Field is not null)
                yield return Field;
            var other = Asked switch
            {
                PredicateTest.FieldIs of => of.Other,
                PredicateTest.TextOfField of => of.Other,
                PredicateTest.InListOf of => of.Time,
                _ => null,
            };
            if (other is not null)
                yield return other;
        }
    }
}
