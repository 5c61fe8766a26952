using System.Runtime.InteropServices;

namespace Sentinel.Siem.Normalisation;

/// <summary>
/// Remembers an answer that depends on a few members alone, which repeat from record to record. A small
/// table that forgets: a miss costs the question and nothing else.
/// </summary>
sealed class ValueMemo<T>(int[] slots)
{
    const int EntriesCount = 1024;
    const int KeyBytesMax = 512;

    // Where nearly every record has values of its own, looking them up is worse than asking.
    const int CreditMax = 8192;
    const int MissCosts = 4;

    readonly (byte[]? Key, T Answer)[] entries = new (byte[]?, T)[EntriesCount];
    readonly byte[] key = new byte[KeyBytesMax];
    int credit = CreditMax;

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
        foreach (var slot in slots)
        {
            ref readonly var value = ref record.At(slot);
            ReadOnlySpan<byte> text = default;
            var kind = value.Form;
            if (kind is ValueForm.Object or ValueForm.Ticks)
            {
                if (
                    value.Made is not (string or bool or long)
                    || !record.TryGetUtf8(slot, out text)
                )
                    return -1;
                kind = value.Made is string ? ValueForm.Text : ValueForm.Object;
            }
            else if (kind != ValueForm.Absent)
                text = record.Bytes.Of(value);
            if (kind == ValueForm.Unescaped)
                kind = ValueForm.Text;
            if (at + text.Length + 3 > KeyBytesMax)
                return -1;
            key[at] = (byte)kind;
            MemoryMarshal.Write(key.AsSpan(at + 1), (ushort)text.Length);
            text.CopyTo(key.AsSpan(at + 3));
            at += text.Length + 3;
        }
        return at;
    }
}
