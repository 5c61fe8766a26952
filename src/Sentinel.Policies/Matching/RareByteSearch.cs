using System.Buffers;
using System.Text;

namespace Sentinel.Policies.Matching;

/// <summary>
/// A few literals anywhere in a long text, in any case of their letters: each is filed under its rarest
/// byte, and only where such a byte stands is there a look. A record has thousands of bytes and hardly
/// one of these.
/// </summary>
sealed class RareByteSearch
{
    // From rare to common in what machines log as JSON; what is not here is rarer.
    const string Commonness =
        "~^`|@#!?&%$;<>*+'()[]=qzjxk/wvyb-g_fhpulcmdns{}987654r3o20.i1tae ,:\\\"";

    // How common all bytes together may be that want a look, by the square of their places above.
    const int CostMax = 6000;

    readonly SearchValues<byte> rare;
    readonly Literal[][] literalsOf = new Literal[byte.MaxValue + 1][];

    RareByteSearch(IEnumerable<Literal> literals)
    {
        foreach (var filed in literals.GroupBy(l => l.Bytes[l.Offset]))
        {
            literalsOf[filed.Key] = [.. filed];
            literalsOf[Upper(filed.Key)] = literalsOf[filed.Key];
        }
        rare = SearchValues.Create([
            .. Enumerable
                .Range(0, literalsOf.Length)
                .Where(b => literalsOf[b] is not null)
                .Select(b => (byte)b),
        ]);
    }

    /// <summary>Null where so many bytes would want a look that another way is faster.</summary>
    public static RareByteSearch? Of(IEnumerable<(SoughtText Sought, int Number)> literals)
    {
        var all = literals.Select(l => Literal.Of(l.Sought.Text, l.Number)).ToList();
        var cost = all.Select(l => l.Bytes[l.Offset]).Distinct().Sum(CostOf);
        return cost <= CostMax ? new RareByteSearch(all) : null;
    }

    /// <summary>Adds the number of each literal that occurs.</summary>
    public void Find(ReadOnlySpan<byte> text, Marks found)
    {
        for (var at = 0; text[at..].IndexOfAny(rare) is >= 0 and var next; at++)
        {
            at += next;
            foreach (var literal in literalsOf[text[at]])
            {
                var start = at - literal.Offset;
                var end = start + literal.Bytes.Length;
                if (
                    start >= 0
                    && end <= text.Length
                    && Ascii.EqualsIgnoreCase(text[start..end], literal.Bytes)
                )
                    found.Add(literal.Number);
            }
        }
    }

    static int CostOf(byte b)
    {
        var place = Commonness.IndexOf((char)b) + 1;
        return place * place;
    }

    static byte Upper(byte b) => b is >= (byte)'a' and <= (byte)'z' ? (byte)(b - 32) : b;

    /// <param name="Bytes">ASCII in lower case.</param>
    /// <param name="Offset">Of its rarest byte.</param>
    readonly record struct Literal(byte[] Bytes, int Offset, int Number)
    {
        public static Literal Of(string text, int number)
        {
            var bytes = Encoding.ASCII.GetBytes(text);
            return new(
                bytes,
                Enumerable.Range(0, bytes.Length).MinBy(i => CostOf(bytes[i])),
                number
            );
        }
    }
}
