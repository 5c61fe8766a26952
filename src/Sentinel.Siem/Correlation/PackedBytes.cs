using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using Sentinel.Policies.Model;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Siem.Correlation;

/// <summary>
/// Writes numbers, texts and values as few bytes, each exactly as it was. For what is soon read again in
/// the same process: saved state is <see cref="StateWriter"/>'s.
/// </summary>
static class PackedBytes
{
    const int NumberBytesMax = 10;
    public const byte TextTag = 1;
    public const byte SpelledAddressTag = 8;

    public static void WriteNumber(this ArrayBufferWriter<byte> to, ulong value)
    {
        var bytes = to.GetSpan(NumberBytesMax);
        var at = 0;
        for (; value >= 0x80; value >>= 7)
            bytes[at++] = (byte)(value | 0x80);
        bytes[at++] = (byte)value;
        to.Advance(at);
    }

    public static void WriteByte(this ArrayBufferWriter<byte> to, byte value)
    {
        to.GetSpan(1)[0] = value;
        to.Advance(1);
    }

    public static void WriteSigned(this ArrayBufferWriter<byte> to, long value) =>
        to.WriteNumber((ulong)((value << 1) ^ (value >> 63)));

    public static void WriteLong(this ArrayBufferWriter<byte> to, long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(to.GetSpan(sizeof(long)), value);
        to.Advance(sizeof(long));
    }

    public static void WriteId(this ArrayBufferWriter<byte> to, Guid id)
    {
        id.TryWriteBytes(to.GetSpan(16));
        to.Advance(16);
    }

    /// <summary>One byte a letter where that is enough, else two.</summary>
    public static void WriteText(this ArrayBufferWriter<byte> to, string text)
    {
        var isWide = text.AsSpan().ContainsAnyExceptInRange('\0', '\u00FF');
        to.WriteNumber(((ulong)text.Length << 1) | (isWide ? 1UL : 0));
        if (isWide)
        {
            to.Write(MemoryMarshal.AsBytes(text.AsSpan()));
            return;
        }
        to.Advance(Encoding.Latin1.GetBytes(text, to.GetSpan(text.Length)));
    }

    /// <summary>The same of text that is ASCII.</summary>
    public static void WriteAscii(this ArrayBufferWriter<byte> to, ReadOnlySpan<byte> text)
    {
        to.WriteNumber((ulong)text.Length << 1);
        to.Write(text);
    }

    /// <summary>A text that is such a text, or an address by its canonical spelling.</summary>
    public static void WriteAsciiValue(
        this ArrayBufferWriter<byte> to,
        ReadOnlySpan<byte> text,
        FieldType type
    )
    {
        to.WriteByte(type == FieldType.Address ? SpelledAddressTag : TextTag);
        to.WriteAscii(text);
    }

    public static void WriteValue(this ArrayBufferWriter<byte> to, object? value)
    {
        switch (value)
        {
            case null:
                to.WriteByte(0);
                break;
            case string text:
                to.WriteByte(TextTag);
                to.WriteText(text);
                break;
            case long integer:
                to.WriteByte(2);
                to.WriteSigned(integer);
                break;
            case double number:
                to.WriteByte(3);
                to.WriteLong(BitConverter.DoubleToInt64Bits(number));
                break;
            case bool boolean:
                to.Write([(byte)4, boolean ? (byte)1 : (byte)0]);
                break;
            case IPAddress address:
                to.WriteByte(5);
                to.WriteAddress(address);
                break;
            case DateTimeOffset time:
                to.WriteByte(6);
                to.WriteLong(time.UtcTicks);
                break;
            case IReadOnlyList<string> list:
                to.WriteByte(7);
                to.WriteNumber((ulong)list.Count);
                foreach (var text in list)
                    to.WriteText(text);
                break;
            default:
                throw new InvalidOperationException($"A field cannot hold {value.GetType()}.");
        }
    }

    static void WriteAddress(this ArrayBufferWriter<byte> to, IPAddress address)
    {
        const int version6Bytes = 16;
        address.TryWriteBytes(to.GetSpan(1 + version6Bytes)[1..], out var length);
        to.GetSpan(1)[0] = (byte)length;
        to.Advance(1 + length);
    }
}

/// <summary>Reads what was written, in the same order.</summary>
ref struct PackedReader(ReadOnlySpan<byte> bytes)
{
    readonly ReadOnlySpan<byte> bytes = bytes;
    int at;

    public readonly int At => at;

    public readonly bool AtEnd => at == bytes.Length;

    public byte ReadByte() => bytes[at++];

    public ulong ReadNumber()
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
    }

    public long ReadSigned() =>
        ReadNumber() is var value ? (long)(value >> 1) ^ -(long)(value & 1) : 0;

    public long ReadLong() => BinaryPrimitives.ReadInt64LittleEndian(Read(sizeof(long)));

    public Guid ReadId() => new(Read(16));

    public Digest ReadDigest() => Digest.From(Read(Digest.BytesLength));

    public void Skip(int count) => at += count;

    public byte[] ReadBytes(int count) => Read(count).ToArray();

    public string ReadText()
    {
        var head = ReadNumber();
        var length = (int)(head >> 1);
        if ((head & 1) != 0)
            return new string(MemoryMarshal.Cast<byte, char>(Read(length * 2)));
        var text = Read(length);
        return Ascii.IsValid(text) ? SharedTexts.Of(text) : Encoding.Latin1.GetString(text);
    }

    public object? ReadValue() =>
        ReadByte() switch
        {
            0 => null,
            PackedBytes.TextTag => ReadText(),
            2 => SharedTexts.Boxed(ReadSigned()),
            3 => BitConverter.Int64BitsToDouble(ReadLong()),
            4 => ReadByte() == 1,
            5 => ReadAddress(),
            6 => new DateTimeOffset(ReadLong(), TimeSpan.Zero),
            7 => ReadTexts(),
            PackedBytes.SpelledAddressTag => IPAddress.Parse(ReadText()),
            var tag => throw new InvalidDataException($"A packed value has the unknown tag {tag}."),
        };

    IPAddress ReadAddress()
    {
        var address = Read(ReadByte());
        return address.Length == 4 ? SharedTexts.Version4(address) : new IPAddress(address);
    }

    string[] ReadTexts()
    {
        var texts = new string[(int)ReadNumber()];
        for (var i = 0; i < texts.Length; i++)
            texts[i] = ReadText();
        return texts;
    }

    ReadOnlySpan<byte> Read(int count)
    {
        at += count;
        return bytes.Slice(at - count, count);
    }
}
