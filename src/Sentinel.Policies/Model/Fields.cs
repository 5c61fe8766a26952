using System.Text;

namespace Sentinel.Policies.Model;

/// <summary>
/// The types a field can have. Values are held as: Text string, Integer long, Number double,
/// Boolean bool, Address <see cref="System.Net.IPAddress"/> (IPv4 never mapped), Time
/// <see cref="DateTimeOffset"/> in UTC, TextList IReadOnlyList of string.
/// </summary>
public enum FieldType
{
    Text,
    Integer,
    Number,
    Boolean,
    Address,
    Time,
    TextList,
    Untyped,
}

public sealed record Field(string Name, FieldType Type, int Ordinal);

/// <summary>
/// Every field that an event can have, by name and by ordinal: the host's canonical ones first, then
/// those that sources declare. Predicates are compiled against it and read ordinals, never names.
/// </summary>
public sealed class FieldTable
{
    readonly List<Field> fields = [];
    readonly Dictionary<string, Field> byName = new(StringComparer.Ordinal);
    Field[]? sorted;

    public FieldTable(IEnumerable<(string Name, FieldType Type)> canonical)
    {
        foreach (var (name, type) in canonical)
            Declare(name, type);
    }

    public int Count => fields.Count;

    public IReadOnlyList<Field> All => fields;

    /// <summary>All of them, in the ordinal order of their names.</summary>
    public IReadOnlyList<Field> ByName =>
        sorted ??= [.. fields.OrderBy(one => one.Name, StringComparer.Ordinal)];

    public Field? Find(string name) => byName.GetValueOrDefault(name);

    /// <summary>Adds a field, or returns the one that has this name already, whatever its type.</summary>
    public Field Declare(string name, FieldType type)
    {
        if (byName.TryGetValue(name, out var known))
            return known;
        var field = new Field(name, type, fields.Count);
        fields.Add(field);
        byName.Add(name, field);
        sorted = null;
        return field;
    }
}

/// <summary>One event as predicates see it: a value for each ordinal, null where absent.</summary>
public interface IFieldValues
{
    object? this[int ordinal] { get; }

    /// <summary>
    /// Every value that is there, also of members that have no field, and of a plain record its whole
    /// text: what a keyword search looks at.
    /// </summary>
    IEnumerable<object> Everything { get; }

    /// <summary>
    /// The text of a value as UTF-8, which a host that holds bytes gives without making a string. False
    /// where the value is absent or a list: then only the object says which. The bytes are good until the
    /// next call.
    /// </summary>
    bool TryGetUtf8(int ordinal, out ReadOnlySpan<byte> utf8)
    {
        var text = this[ordinal] is { } value and not IReadOnlyList<string>
            ? ValueText.Of(value)
            : null;
        utf8 = text is null ? default : Encoding.UTF8.GetBytes(text);
        return text is not null;
    }

    /// <summary>
    /// The record as it came. What is ASCII in any text of <see cref="Everything"/> stands in it, unless
    /// JSON escapes it. False where the host does not have it. Good until the next call.
    /// </summary>
    bool TryGetRecord(out ReadOnlySpan<byte> utf8)
    {
        utf8 = default;
        return false;
    }
}
