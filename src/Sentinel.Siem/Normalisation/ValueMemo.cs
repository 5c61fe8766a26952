using System.Runtime.InteropServices;

namespace Sentinel.Siem.Normalisation;

/// <summary>A member that conditions ask for.</summary>
/// <param name="OfValue">They ask what it says, not only whether it is there.</param>
readonly record struct AskedMember(int Slot, bool OfValue);

/// <summary>
/// Remembers an answer that depends on a few members alone, which repeat from record to record. A small
/// table that forgets: a miss costs the question and nothing else.
/// </summary>
sealed class ValueMemo<T>
{
    const int EntriesCount = 1024;
    const int KeyBytesMax = 512;
    const int HeadBytes = 6;

    // Where nearly every record has values of its own, looking them up is worse than asking.
    const int CreditMax = 8192;
    const int MissCosts = 4;

    readonly (byte[]? Key, T Answer)[] entries = new (byte[]?, T)[EntriesCount];
    readonly byte[] key = new byte[KeyBytesMax];
    readonly bool[] isAsked;
    readonly bool[] isAskedOfValue;
    int credit = CreditMax;

    public ValueMemo(IEnumerable<AskedMember> asked, int slotsCount)
    {
        isAsked = new bool[slotsCount];
        isAskedOfValue = new bool[slotsCount];
        foreach (var member in asked)
        {
            isAsked[member.Slot] = true;
            isAskedOfValue[member.Slot] |= member.OfValue;
        }
    }

    public T Of(RecordMembers record, Func<T> ask)
    {
        if (credit <= 0 || KeyOf(record) is not (>= 0 and var length))
            return ask();
        var bytes = key.AsSpan(0, length);
        var hash = new HashCode();
        hash.AddBytes(bytes);
        ref var entry = ref entries[(uint)hash.ToHashCode() % EntriesCount];
        if (entry.Key is not null && bytes.SequenceEqual(entry.Key))
        {
            credit = Math.Min(credit + 1, CreditMax);
            return entry.Answer;
        }
        credit -= MissCosts;
        entry = (bytes.ToArray(), ask());
        return entry.Answer;
    }

    /// <summary>The length of the key; -1 where the values are too long, or of a kind that has no bytes.</summary>
    int KeyOf(RecordMembers record)
    {
        var at = 0;
        foreach (var slot in record.Marked)
        {
            if (!isAsked[slot])
                continue;
            ref readonly var value = ref record.At(slot);
            if (value.Form == ValueForm.Absent)
                continue;
            ReadOnlySpan<byte> text = default;
            var kind = ValueForm.Absent;
            if (isAskedOfValue[slot] && !TryGetText(record, slot, value, out text, out kind))
                return -1;
            if (at + text.Length + HeadBytes > KeyBytesMax)
                return -1;
            MemoryMarshal.Write(key.AsSpan(at), ((uint)slot << 8) | (uint)kind);
            MemoryMarshal.Write(key.AsSpan(at + 4), (ushort)text.Length);
            text.CopyTo(key.AsSpan(at + HeadBytes));
            at += text.Length + HeadBytes;
        }
        return at;
    }

    static bool TryGetText(
        RecordMembers record,
        int slot,
        in LazyValue value,
        out ReadOnlySpan<byte> text,
        out ValueForm kind
    )
    {
        kind = value.IsText ? ValueForm.Text : value.Form;
        if (kind is not (ValueForm.Object or ValueForm.Ticks))
        {
            text = record.Bytes.Of(value);
            return true;
        }
        if (value.Made is string)
            kind = ValueForm.Text;
        text = default;
        return value.Made is string or bool or long && record.TryGetUtf8(slot, out text);
    }
}
