using Sentinel.Policies.Model;

namespace Sentinel.Siem.Normalisation;

/// <summary>
/// One record's members under their own names, before it is an event; of an open record only those that
/// some source asks for. One for each format, used again for each record.
/// </summary>
sealed class RecordMembers
{
    const int HeaderCount = 6;

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
    readonly NameTable names;
    readonly LazyValues values;

    public RecordMembers(RecordBytes bytes, IEnumerable<FieldTable> tables)
    {
        foreach (var name in Known.Concat(tables.SelectMany(t => t.All).Select(f => f.Name)))
            slots.TryAdd(name, slots.Count);
        names = new NameTable(slots.Keys);
        HasAnyBelow = slots.Keys.Any(n => n.EndsWith(".*", StringComparison.Ordinal));
        values = new LazyValues(bytes, slots.Count, null);
        Bytes = bytes;
    }

    public RecordBytes Bytes { get; }

    /// <summary>Whether a name asks for members of whatever stands below another one.</summary>
    public bool HasAnyBelow { get; }

    public int SlotsCount => slots.Count;

    /// <summary>The envelope's own time, where it has one.</summary>
    public DateTimeOffset? Time { get; set; }

    /// <summary>Host, program and process come from a syslog header, not from the record's own members.</summary>
    public bool HasHeader { get; private set; }

    public ref readonly LazyValue Host => ref values.At(0);
    public ref readonly LazyValue Program => ref values.At(1);
    public ref readonly LazyValue Pid => ref values.At(2);

    /// <summary>Text, where the record has one.</summary>
    public ref readonly LazyValue Message => ref values.At(3);

    public object? this[int slot] => values[slot];

    public IEnumerable<object> Present =>
        Enumerable.Range(0, values.Count).Select(slot => values[slot]).OfType<object>();

    /// <summary>The slots that were set, some of them to nothing.</summary>
    public ReadOnlySpan<int> Marked => values.Marked;

    public ref readonly LazyValue At(int slot) => ref values.At(slot);

    public bool TryGetUtf8(int slot, out ReadOnlySpan<byte> utf8) =>
        values.TryGetUtf8(slot, out utf8);

    public int SlotOf(string name) => slots[name];

    /// <summary>The slot of a name that some source asks for, or -1.</summary>
    public int Find(ReadOnlySpan<byte> name) => names.Find(name);

    public void Set(int slot, in LazyValue value) => values.Set(slot, value);

    public void Set(ReadOnlySpan<byte> name, in LazyValue value)
    {
        if (names.Find(name) is >= 0 and var slot)
            values.Set(slot, value);
    }

    public void SetHeader(in LazyValue host, in LazyValue program, in LazyValue processId)
    {
        values.Set(0, host);
        values.Set(1, program);
        values.Set(2, processId);
        HasHeader = true;
    }

    public void SetMessage(in LazyValue message) => values.Set(3, message);

    public void SetPriority(int priority)
    {
        values.Set(4, LazyValue.Of(SharedTexts.Boxed(priority >> 3)));
        values.Set(5, LazyValue.Of(SharedTexts.Boxed(priority & 7)));
    }

    /// <summary>How the record came is no claim of its own, so this is set last.</summary>
    public void SetOrigin(string sourceSystem, string? fileName)
    {
        values.Set(6, LazyValue.Of(sourceSystem));
        values.Set(7, LazyValue.Of(fileName));
    }

    public void CopyHeader(RecordMembers syslog)
    {
        for (var slot = 0; slot < HeaderCount; slot++)
            values.Set(slot, syslog.values.At(slot));
        (Time, HasHeader) = (syslog.Time, true);
    }

    public void Clear()
    {
        values.Clear();
        (Time, HasHeader) = (null, false);
    }
}

/// <summary>The record as one policy's conditions see it, by the ordinals of its own table.</summary>
sealed class RecordView(RecordMembers members, FieldTable table) : IFieldValues
{
    readonly int[] slots = [.. table.All.Select(f => members.SlotOf(f.Name))];

    public object? this[int ordinal] => members[slots[ordinal]];

    public IEnumerable<object> Everything => members.Present;

    public int SlotOf(Field field) => slots[field.Ordinal];

    /// <summary>The members that conditions on the record ask for.</summary>
    public IEnumerable<AskedMember> AskedBy(IEnumerable<Condition> conditions) =>
        conditions
            .SelectMany(c => c.Tree.Leaves)
            .Select(leaf => leaf.Predicate)
            .SelectMany(p =>
                p.Reads.Select(f => new AskedMember(
                    SlotOf(f),
                    p.Asked is not PredicateTest.IsPresent
                ))
            );
}
