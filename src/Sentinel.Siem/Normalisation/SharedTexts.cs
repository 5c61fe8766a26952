using System.Buffers.Binary;
using System.Net;
using System.Numerics;
using System.Text;

namespace Sentinel.Siem.Normalisation;

/// <summary>
/// Gives one object for equal short values, since hosts, users, programs and addresses repeat on every
/// line. Small tables that forget: a miss costs an allocation and nothing else.
/// </summary>
static class SharedTexts
{
    const int SlotsCount = 4096;
    const int CharsMax = 32;
    const int SmallIntegersMax = 1024;

    [ThreadStatic]
    static string?[]? texts;

    [ThreadStatic]
    static string?[]? spelled;

    [ThreadStatic]
    static (uint Bits, IPAddress? Address)[]? addresses;

    static readonly object[] SmallIntegers =
    [
        .. Enumerable.Range(0, SmallIntegersMax).Select(i => (object)(long)i),
    ];

    public static string Of(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > CharsMax)
            return text.ToString();
        texts ??= new string?[SlotsCount];
        ref var slot = ref texts[(uint)string.GetHashCode(text) % SlotsCount];
        if (slot is null || !text.SequenceEqual(slot))
            slot = text.ToString();
        return slot;
    }

    /// <summary>From UTF-8.</summary>
    public static string Of(ReadOnlySpan<byte> text)
    {
        if (text.Length is 0 or > CharsMax)
            return Encoding.UTF8.GetString(text);
        spelled ??= new string?[SlotsCount];
        ref var slot = ref spelled[SlotOf(text)];
        if (slot is null || !Ascii.Equals(text, slot))
        {
            // What is not ASCII never equals, and takes no place.
            if (!Ascii.IsValid(text))
                return Encoding.UTF8.GetString(text);
            slot = Encoding.ASCII.GetString(text);
        }
        return slot;
    }

    // Its beginning, end and length: enough for a table that may forget.
    static uint SlotOf(ReadOnlySpan<byte> text)
    {
        ulong first = 0;
        ulong last = 0;
        if (text.Length >= sizeof(ulong))
        {
            first = BinaryPrimitives.ReadUInt64LittleEndian(text);
            last = BinaryPrimitives.ReadUInt64LittleEndian(text[^sizeof(ulong)..]);
        }
        else
            foreach (var letter in text)
                first = first << 8 | letter;
        var mixed =
            (first ^ BitOperations.RotateLeft(last * 0xC2B2AE3D27D4EB4F, 29)) + (uint)text.Length;
        return (uint)((mixed * 0x9E3779B97F4A7C15) >> 52);
    }

    public static object Boxed(long integer) =>
        integer is >= 0 and < SmallIntegersMax ? SmallIntegers[integer] : integer;

    /// <summary>IPv4, from its four bytes in the order of the network.</summary>
    public static IPAddress Version4(ReadOnlySpan<byte> parts)
    {
        addresses ??= new (uint, IPAddress?)[SlotsCount];
        var bits = BitConverter.ToUInt32(parts);
        ref var slot = ref addresses[(bits * 2654435769) >> 20];
        if (slot.Address is null || slot.Bits != bits)
            slot = (bits, new IPAddress(parts));
        return slot.Address;
    }
}
