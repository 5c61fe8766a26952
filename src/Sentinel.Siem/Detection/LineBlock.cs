using System.Text.Unicode;
using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Detection;

/// <summary>A piece of a file that begins and ends with a line: several can be read at once.</summary>
sealed class LineBlock
{
    public byte[] Bytes { get; set; } = [];

    public int Length { get; set; }

    /// <summary>Where it begins in the file.</summary>
    public RecordPlace Place { get; set; }

    /// <summary>The place in the file behind its last byte.</summary>
    public long End => Place.Offset + Length;
}

/// <summary>
/// Cuts a block into records, as <see cref="RecordReader"/> would, as long as each line is a record of its
/// own: text, or one JSON object. Stops before the first line that is not.
/// </summary>
ref struct BlockLines
{
    readonly LineBlock block;
    readonly bool isText;
    int at;
    long line;
    bool afterJson;

    public BlockLines(LineBlock block)
    {
        this.block = block;
        (line, afterJson) = (block.Place.Line, block.Place.AfterJson);
        var bytes = block.Bytes.AsSpan(0, block.Length);
        isText = Utf8.IsValid(bytes) && !bytes.Contains((byte)0);
    }

    /// <summary>Where a reader has to go on that looks beyond lines; only once <see cref="Next"/> gave none.</summary>
    public readonly RecordPlace? Rest => at < block.Length ? Place : null;

    /// <summary>Where the next record begins.</summary>
    public readonly RecordPlace Place => new(block.Place.Offset + at, line, afterJson);

    /// <summary>The next record, without knowing yet whether a line that opens an object also closes it.</summary>
    public bool Next(out ReceivedRecord record, out bool opensObject)
    {
        while (at < block.Length)
        {
            var rest = block.Bytes.AsSpan(at, block.Length - at);
            var length = rest.IndexOf((byte)'\n');
            if (length < 0)
                length = rest.Length;
            var text = rest[..length];
            var first = text.IndexOfAnyExcept(" \t\r"u8);
            if (first < 0 && afterJson)
            {
                Pass(length, rest.Length);
                continue;
            }
            opensObject = first >= 0 && text[first] == '{';
            if (first >= 0 && text[first] == '[' && MayBeginArray(text[(first + 1)..]))
                break;
            if (length > RecordDefect.RecordBytesMax)
                break;
            record = new ReceivedRecord(
                block.Bytes.AsMemory(at, length),
                line,
                !isText ? RecordDefect.Of(text)
                    : first < 0 ? RecordDefect.Empty
                    : null,
                block.Place.Offset + at
            );
            return true;
        }
        (record, opensObject) = (default, false);
        return false;
    }

    /// <summary>The record that was given last is one: go on behind it.</summary>
    public void Accept(in ReceivedRecord record, bool isObject)
    {
        Pass(record.Bytes.Length, block.Length - at);
        afterJson = isObject;
    }

    void Pass(int length, int left)
    {
        at += Math.Min(length + 1, left);
        line++;
    }

    static bool MayBeginArray(ReadOnlySpan<byte> behind)
    {
        var next = behind.IndexOfAnyExcept(" \t\r"u8);
        return next < 0 || behind[next] == '{';
    }

    /// <summary>Whether the object that the line opens ends where the line does, valid JSON or not.</summary>
    public static bool IsWholeObject(ReadOnlySpan<byte> line)
    {
        var nesting = new JsonNesting();
        line = line.Trim(" \t\r"u8);
        for (var at = 0; at < line.Length; at++)
        {
            var next = line[at..].IndexOfAny(nesting.InString ? "\"\\"u8 : "\"{}[]"u8);
            if (next < 0)
                return false;
            at += next;
            if (line[at] == '\\')
                at++;
            else if (!nesting.Accept(line[at], line[..at]))
                return false;
            if (nesting.Closed)
                return at == line.Length - 1;
        }
        return false;
    }
}
