using System.Net;
using System.Text;
using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Correlation;

/// <summary>State as bytes: equal state gives equal bytes.</summary>
sealed class StateWriter
{
    readonly MemoryStream bytes = new();
    readonly BinaryWriter writer;

    public StateWriter() => writer = new BinaryWriter(bytes, Encoding.UTF8);

    public byte[] ToArray()
    {
        writer.Flush();
        return bytes.ToArray();
    }

    public void Write(int value) => writer.Write7BitEncodedInt(value);

    public void Write(long value) => writer.Write7BitEncodedInt64(value);

    public void Write(bool value) => writer.Write(value);

    public void Write(string value) => writer.Write(value);

    public void Write(DateTimeOffset value) => writer.Write(value.UtcTicks);

    public void Write(Guid value)
    {
        Span<byte> id = stackalloc byte[16];
        value.TryWriteBytes(id);
        writer.Write(id);
    }

    public void Write(in Digest value) => writer.Write(value.Bytes);

    public void Write(byte[] block)
    {
        Write(block.Length);
        writer.Write(block);
    }

    public void Write(IReadOnlyList<string> texts)
    {
        Write(texts.Count);
        foreach (var text in texts)
            Write(text);
    }

    public void WriteValue(object? value)
    {
        switch (value)
        {
            case null:
                writer.Write((byte)0);
                break;
            case string text:
                writer.Write((byte)1);
                Write(text);
                break;
            case long integer:
                writer.Write((byte)2);
                Write(integer);
                break;
            case double number:
                writer.Write((byte)3);
                writer.Write(number);
                break;
            case bool boolean:
                writer.Write((byte)4);
                Write(boolean);
                break;
            case IPAddress address:
                writer.Write((byte)5);
                Write(address.GetAddressBytes());
                break;
            case DateTimeOffset time:
                writer.Write((byte)6);
                Write(time);
                break;
            case IReadOnlyList<string> list:
                writer.Write((byte)7);
                Write(list);
                break;
            default:
                throw new InvalidOperationException($"A field cannot hold {value.GetType()}.");
        }
    }
}

sealed class StateReader(byte[] state)
{
    readonly BinaryReader reader = new(new MemoryStream(state), Encoding.UTF8);

    public int ReadInt() => reader.Read7BitEncodedInt();

    public long ReadLong() => reader.Read7BitEncodedInt64();

    public bool ReadBool() => reader.ReadBoolean();

    public string ReadText() => reader.ReadString();

    public DateTimeOffset ReadTime() => new(reader.ReadInt64(), TimeSpan.Zero);

    public Guid ReadId() => new(reader.ReadBytes(16));

    public Digest ReadDigest() => Digest.From(reader.ReadBytes(Digest.BytesLength));

    public byte[] ReadBlock() => reader.ReadBytes(ReadInt());

    public string[] ReadTexts()
    {
        var texts = new string[ReadInt()];
        for (var i = 0; i < texts.Length; i++)
            texts[i] = ReadText();
        return texts;
    }

    public object? ReadValue() =>
        reader.ReadByte() switch
        {
            0 => null,
            1 => ReadText(),
            2 => ReadLong(),
            3 => reader.ReadDouble(),
            4 => ReadBool(),
            5 => new IPAddress(ReadBlock()),
            6 => ReadTime(),
            7 => ReadTexts(),
            var tag => throw new InvalidDataException($"A saved value has the unknown tag {tag}."),
        };
}
