using Sentinel.Policies.Model;

namespace Sentinel.Siem.Normalisation;

/// <summary>
/// One record's members under their own names, before it is an event; of an open record only those that
/// some source asks for. One for each format, used again for each record.
/// </summary>
sealed class RecordMembers
{
    static readonly string[] Known =
    [
        "host",
        "program",
        "pid",
        "message",
        "facility",
        "syslog_severity",
        "source_system",
        "file_name",
    ];

    readonly Dictionary<string, int> slots = new(StringComparer.Ordinal);
    readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup;
    readonly object?[] values;

    public RecordMembers(IEnumerable<FieldTable> tables)
    {
        lookup = slots.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var name in Known.Concat(tables.SelectMany(t => t.All).Select(f => f.Name)))
            slots.TryAdd(name, slots.Count);
        values = new object?[slots.Count];
    }

    /// <summary>The envelope's own time, where it has one.</summary>
    public DateTimeOffset? Time { get; set; }

    /// <summary>Host, program and process come from a syslog header, not from the record's own members.</summary>
    public bool HasHeader { get; private set; }

    public object? Host => values[0];
    public object? Program => values[1];
    public object? Pid => values[2];
    public object? this[int slot] => values[slot];

    public IEnumerable<object> Present => values.OfType<object>();

    public string? Message
    {
        get => values[3] as string;
        set => values[3] = value;
    }

    public int SlotOf(string name) => slots[name];

    public bool Wants(ReadOnlySpan<char> name) => lookup.ContainsKey(name);

    public void Set(ReadOnlySpan<char> name, object? value)
    {
        if (lookup.TryGetValue(name, out var slot))
            values[slot] = value;
    }

    public void SetHeader(string? host, string? program, string? processId)
    {
        (values[0], values[1], values[2]) = (host, program, processId);
        HasHeader = true;
    }

    public void SetPriority(int priority) =>
        (values[4], values[5]) = (
            SharedTexts.Boxed(priority >> 3),
            SharedTexts.Boxed(priority & 7)
        );

    /// <summary>How the record came is no claim of its own, so this is set last.</summary>
    public void SetOrigin(string sourceSystem, string? fileName) =>
        (values[6], values[7]) = (sourceSystem, fileName);

    public void CopyHeader(RecordMembers syslog)
    {
        Array.Copy(syslog.values, values, 6);
        (Time, HasHeader) = (syslog.Time, true);
    }

    public void Clear()
    {
        Array.Clear(values);
        (Time, HasHeader) = (null, false);
    }
}

/// <summary>The record as one policy's conditions see it, by the ordinals of its own table.</summary>
sealed class RecordView(RecordMembers members, FieldTable table) : IFieldValues
{
    readonly int[] slots = [.. table.All.Select(f => members.SlotOf(f.Name))];

    public object? this[int ordinal] => members[slots[ordinal]];

    public IEnumerable<object> Everything => members.Present;
}
