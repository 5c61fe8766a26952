using System.Collections;
using System.Runtime.CompilerServices;

namespace Sentinel.Policies.Model;

/// <summary>A list that never changes and equals every other with equal elements in the same order.</summary>
[CollectionBuilder(typeof(ValueList), nameof(ValueList.Of))]
public sealed class ValueList<T> : IReadOnlyList<T>, IEquatable<ValueList<T>>
{
    readonly T[] items;
    readonly int hash;

    internal ValueList(T[] items)
    {
        this.items = items;
        var combined = new HashCode();
        foreach (var item in items)
            combined.Add(item);
        hash = combined.ToHashCode();
    }

    public int Count => items.Length;

    public T this[int index] => items[index];

    public bool Equals(ValueList<T>? other) =>
        other is not null && hash == other.hash && items.AsSpan().SequenceEqual(other.items);

    public override bool Equals(object? obj) => Equals(obj as ValueList<T>);

    public override int GetHashCode() => hash;

    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => items.GetEnumerator();

    public override string ToString() => $"[{string.Join(", ", items)}]";
}

public static class ValueList
{
    public static ValueList<T> Of<T>(ReadOnlySpan<T> items) => new(items.ToArray());
}
