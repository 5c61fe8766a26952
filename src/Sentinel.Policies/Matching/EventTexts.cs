using System.Buffers.Text;
using Sentinel.Policies.Model;

namespace Sentinel.Policies.Matching;

enum TextState
{
    Absent,
    Text,
    List,

    /// <summary>Of the record: nobody has it, or escapes hide what it says.</summary>
    Unknown,
}

/// <summary>
/// The texts of one event's fields, and of its record, each read and folded when somebody first asks.
/// </summary>
/// <param name="fieldsCount">Ordinals below this may be asked for.</param>
sealed class EventTexts(int fieldsCount)
{
    readonly Entry[] entries = new Entry[fieldsCount + 1];
    readonly FoldedText element = new();
    readonly FoldedText foldedRecord = new();
    bool isRecordFolded;
    int current;

    public IFieldValues Values { get; private set; } = null!;

    public void Begin(IFieldValues values)
    {
        Values = values;
        // After four billion events a number comes again.
        if (++current == 0)
        {
            Array.Clear(entries);
            current = 1;
        }
    }

    public TextState StateOf(int ordinal) => Read(ordinal).State;

    /// <summary>Of a field whose state is <see cref="TextState.Text"/>.</summary>
    public FoldedText this[int ordinal] => entries[ordinal + 1].Text!;

    /// <summary>As it came, where its state is <see cref="TextState.Text"/>.</summary>
    public ReadOnlySpan<byte> Record => Values.TryGetRecord(out var utf8) ? utf8 : default;

    /// <summary>The same, folded.</summary>
    public FoldedText FoldedRecord
    {
        get
        {
            if (!isRecordFolded)
                foldedRecord.Set(Record);
            isRecordFolded = true;
            return foldedRecord;
        }
    }

    /// <summary>Of a field whose state is <see cref="TextState.List"/>; good until the next call.</summary>
    public FoldedText Fold(string text)
    {
        element.Set(text);
        return element;
    }

    ref Entry Read(int ordinal)
    {
        ref var entry = ref entries[ordinal + 1];
        if (entry.ReadAt == current)
            return ref entry;
        entry.ReadAt = current;
        if (ordinal == Trigger.Record)
            ReadRecord(ref entry);
        else if (Values.TryGetUtf8(ordinal, out var utf8))
        {
            entry.Text ??= new FoldedText();
            entry.Text.Set(utf8);
            entry.State = TextState.Text;
        }
        else
            entry.State = Values[ordinal] is null ? TextState.Absent : TextState.List;
        return ref entry;
    }

    void ReadRecord(ref Entry entry)
    {
        isRecordFolded = false;
        entry.State =
            Values.TryGetRecord(out var utf8) && !HidesPlainText(utf8)
                ? TextState.Text
                : TextState.Unknown;
    }

    /// <summary>A character is escaped as JSON may, though nothing asks for it.</summary>
    static bool HidesPlainText(ReadOnlySpan<byte> record)
    {
        for (int at; (at = record.IndexOf("\\u00"u8)) >= 0; record = record[(at + 4)..])
            if (
                Utf8Parser.TryParse(
                    record.Slice(at + 4, Math.Min(2, record.Length - at - 4)),
                    out byte code,
                    out _,
                    'x'
                ) && SoughtText.IsPlain((char)code)
            )
                return true;
        return false;
    }

    struct Entry
    {
        public FoldedText? Text;
        public TextState State;
        public int ReadAt;
    }
}
