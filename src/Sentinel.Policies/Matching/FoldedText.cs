using System.Text;

namespace Sentinel.Policies.Matching;

/// <summary>One text at a time as UTF-8 with its ASCII letters in lower case.</summary>
sealed class FoldedText
{
    // So that the last bytes can be read as one number of the widest gram.
    const int PaddingBytes = GramIndex.WidthMax;

    byte[] buffer = new byte[1024];

    public int Length { get; private set; }

    public bool IsAscii { get; private set; }

    public ReadOnlySpan<byte> Bytes => buffer.AsSpan(0, Length);

    /// <summary>Followed by bytes of no meaning, enough to read a gram at each byte.</summary>
    public ReadOnlySpan<byte> Padded => buffer.AsSpan(0, Length + PaddingBytes);

    public void Set(string text)
    {
        Reserve(Encoding.UTF8.GetMaxByteCount(text.Length));
        Length = Encoding.UTF8.GetBytes(text, buffer);
        Fold();
    }

    public void Set(ReadOnlySpan<byte> text)
    {
        Reserve(text.Length);
        Length = text.Length;
        text.CopyTo(buffer);
        Fold();
    }

    void Reserve(int bytes)
    {
        if (buffer.Length < bytes + PaddingBytes)
            buffer = new byte[Math.Max(2 * buffer.Length, bytes + PaddingBytes)];
    }

    void Fold()
    {
        IsAscii = true;
        for (var rest = buffer.AsSpan(0, Length); !rest.IsEmpty; )
        {
            Ascii.ToLowerInPlace(rest, out var done);
            rest = rest[done..];
            // What it stopped at is no ASCII, and stays as it is.
            for (; !rest.IsEmpty && rest[0] >= 0x80; rest = rest[1..])
                IsAscii = false;
        }
    }
}
