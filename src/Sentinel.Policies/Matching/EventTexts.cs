using Sentinel.Policies.Model;

namespace Sentinel.Policies.Matching;

enum TextState
{
    Absent,
    Text,
    List,
}

/// <summary>The texts of one event's fields, each read and folded when somebody first asks.</summary>
/// <param name="fieldsCount">Ordinals below this may be asked for.</param>
sealed class EventTexts(int fieldsCount)
{
    readonly Entry[] entries = new Entry[fieldsCount];
    readonly FoldedText element = new();
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
    public FoldedText this[int ordinal] => entries[ordinal].Text!;

    /// <summary>Of a field whose state is <see cref="TextState.List"/>; good until the next call.</summary>
    public FoldedText Fold(string text)
    {
        element.Set(text);
        return element;
    }

    ref Entry Read(int ordinal)
    {
        ref var entry = ref entries[ordinal];
        if (entry.ReadAt == current)
            return ref entry;
        entry.ReadAt = current;
        if (Values.TryGetUtf8(ordinal, out var utf8))
        {
            entry.Text ??= new FoldedText();
            entry.Text.Set(utf8);
            entry.State = TextState.Text;
        }
        else
            entry.State = Values[ordinal] is null ? TextState.Absent : TextState.List;
        return ref entry;
    }

    struct Entry
    {
        public FoldedText? Text;
        public TextState State;
        public int ReadAt;
    }
}
