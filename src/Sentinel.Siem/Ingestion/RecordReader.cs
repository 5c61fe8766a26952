using System.Buffers;

namespace Sentinel.Siem.Ingestion;

/// <summary>One record as it stood in a stream.</summary>
/// <param name="Line">Where it begins, from 1.</param>
/// <param name="Defect">Why no source can read it, or null.</param>
/// <param name="Offset">The place of its first byte in the stream.</param>
public readonly record struct ReceivedRecord(
    ReadOnlyMemory<byte> Bytes,
    long Line,
    string? Defect,
    long Offset = 0
);

/// <summary>Where a reader goes on in a stream whose beginning was read by somebody else.</summary>
/// <param name="AfterJson">The record before was a JSON object.</param>
readonly record struct RecordPlace(long Offset, long Line, bool AfterJson)
{
    public static RecordPlace Start => new(0, 1, false);
}

/// <summary>
/// Cuts a stream into records without losing a byte that matters: a line each, or where JSON stands, a
/// JSON object each, also from an array, across lines, or several on one line.
/// </summary>
public sealed class RecordReader(Stream stream)
{
    // A line longer than this is kept in pieces, each listed.
    internal const int RawBytesMax = 16 * 1024 * 1024;

    // A JSON object over several lines is looked for this far; else its first line is a line of text.
    internal const int JsonOverLinesBytesMax = 1024 * 1024;
    const int ChunkBytes = 256 * 1024;

    static readonly SearchValues<byte> Structure = SearchValues.Create("\"{}[]\n"u8);
    static readonly SearchValues<byte> InString = SearchValues.Create("\"\\\n"u8);

    byte[] buffer = [];
    int start;
    int end;
    bool ended;
    long line = 1;
    bool inArray;
    bool afterJson;
    bool inLongLine;
    long startOffset;

    // Where in the line we are: what follows an object on its line is not a line of its own.
    bool atLineStart = true;

    /// <summary>Goes on at a line's beginning; the stream stands there.</summary>
    internal RecordReader(Stream stream, in RecordPlace place)
        : this(stream) =>
        (startOffset, line, afterJson) = (place.Offset, place.Line, place.AfterJson);

    /// <summary>The next records, fewer than asked for only at the end; none when it is over.</summary>
    public IReadOnlyList<ReceivedRecord> Read(int recordsMax)
    {
        var records = new List<ReceivedRecord>(Math.Min(recordsMax, 4096));
        while (records.Count < recordsMax && TryRead(out var record))
            records.Add(record);
        return records;
    }

    bool TryRead(out ReceivedRecord record)
    {
        while (true)
        {
            record = default;
            var at = SkipSpace(0, overLines: inArray || afterJson);
            // Between JSON values blank lines mean nothing; elsewhere each is a line like any other.
            var blank =
                inArray || start + at >= end ? at : Window(0, at).LastIndexOf((byte)'\n') + 1;
            if (inArray || afterJson)
            {
                PassLines(blank);
                at -= blank;
            }
            if (start + at >= end && !Fill() && start >= end)
                return false;
            if (inArray && ReadInArray() is { } element)
            {
                if (element.Bytes.IsEmpty)
                    continue;
                record = element;
                return true;
            }
            if (!inLongLine && !inArray && Peek(at) is (byte)'[' && BeginsArray(at))
            {
                Take(at + 1);
                (inArray, atLineStart) = (true, false);
                continue;
            }
            record = !inLongLine && Peek(at) is (byte)'{' ? ReadObjectOrLine(at) : ReadLine();
            return true;
        }
    }

    ReceivedRecord? ReadInArray()
    {
        switch (Peek(0))
        {
            case (byte)',':
                Take(1);
                return default(ReceivedRecord);
            case (byte)']':
                Take(1);
                (inArray, afterJson) = (false, true);
                return default(ReceivedRecord);
            case (byte)'{' when EndOfObject(0) is > 0 and var length:
                return TakeObject(length);
            case null:
                return null;
            default:
                // Not what an array of objects may hold: listed as a line, and the array goes on.
                return ReadLine();
        }
    }

    ReceivedRecord ReadObjectOrLine(int at)
    {
        var length = EndOfObject(at);
        if (length < 0)
            return ReadLine();
        var after = SkipSpace(at + length, overLines: false);
        var spansLines = Window(at, length).Contains((byte)'\n');
        if (Peek(after) is null or (byte)'\n' && atLineStart && !spansLines)
        {
            // The usual case, one object a line: the bytes are the whole line's.
            var whole = ReadLine();
            afterJson = true;
            return whole;
        }
        if (Peek(after) is not (null or (byte)'\n' or (byte)'{') && atLineStart && !spansLines)
            return ReadLine();
        PassLines(at);
        return TakeObject(length);
    }

    ReceivedRecord TakeObject(int length)
    {
        var record = Record(length, line);
        PassLines(length);
        (afterJson, atLineStart) = (true, false);
        return record;
    }

    /// <summary>The length of the object that begins here, or -1 where none does.</summary>
    int EndOfObject(int from)
    {
        var nesting = new JsonNesting();
        var at = from;
        var lines = 0;
        while (true)
        {
            var found = Window(at).IndexOfAny(nesting.InString ? InString : Structure);
            if (found < 0)
            {
                at = end - start;
                if (at - from >= (lines > 0 ? JsonOverLinesBytesMax : RawBytesMax) || !Fill())
                    return -1;
                continue;
            }
            at += found;
            var symbol = buffer[start + at];
            if (symbol == '\\')
            {
                while (start + at + 1 >= end && Fill()) { }
                at += 2;
                continue;
            }
            if (symbol == '\n')
            {
                lines++;
                if (nesting.InString || at - from >= JsonOverLinesBytesMax)
                    return -1;
            }
            else if (!nesting.Accept(symbol, Window(from, at - from)))
                return -1;
            at++;
            if (nesting.Closed)
                return at - from;
        }
    }

    bool BeginsArray(int at) => Peek(SkipSpace(at + 1, overLines: true)) is (byte)'{';

    ReceivedRecord ReadLine()
    {
        var searched = 0;
        int length;
        while ((length = Window(searched).IndexOf((byte)'\n')) < 0)
        {
            searched = end - start;
            if (searched >= RawBytesMax)
                return ReadPiece();
            if (!Fill())
                break;
        }
        var ends = length >= 0;
        length = ends ? searched + length : end - start;
        var defect = inLongLine ? "it is the rest of a line longer than 16 MiB" : null;
        var record = Record(length, line, defect);
        Take(length);
        if (ends)
        {
            Take(1);
            line++;
        }
        (inLongLine, afterJson, atLineStart) = (false, inArray, true);
        return record;
    }

    ReceivedRecord ReadPiece()
    {
        inLongLine = true;
        var defect = "it is a piece of a line longer than 16 MiB";
        var record = Record(RawBytesMax, line, defect);
        Take(RawBytesMax);
        return record;
    }

    ReceivedRecord Record(int length, long at, string? defect = null)
    {
        var bytes = buffer.AsMemory(start, length);
        return new ReceivedRecord(
            bytes,
            at,
            defect ?? RecordDefect.Of(bytes.Span),
            startOffset + start
        );
    }

    int SkipSpace(int at, bool overLines)
    {
        while (true)
        {
            var rest = Window(at);
            var found = overLines
                ? rest.IndexOfAnyExcept(" \t\r\n"u8)
                : rest.IndexOfAnyExcept(" \t\r"u8);
            if (found >= 0)
                return at + found;
            at = end - start;
            if (at >= JsonOverLinesBytesMax || !Fill())
                return at;
        }
    }

    void PassLines(int length)
    {
        var lines = Window(0, length).Count((byte)'\n');
        line += lines;
        if (lines > 0)
            atLineStart = true;
        Take(length);
    }

    byte? Peek(int at)
    {
        while (start + at >= end)
            if (!Fill())
                return null;
        return buffer[start + at];
    }

    void Take(int length) => start += length;

    ReadOnlySpan<byte> Window(int from) => buffer.AsSpan(start + from, end - start - from);

    ReadOnlySpan<byte> Window(int from, int length) => buffer.AsSpan(start + from, length);

    /// <summary>Reads on; the records given out keep the buffer that they point into.</summary>
    bool Fill()
    {
        if (ended)
            return false;
        if (end == buffer.Length)
        {
            var pending = end - start;
            var next = new byte[Math.Max(ChunkBytes, pending * 2)];
            buffer.AsSpan(start, pending).CopyTo(next);
            startOffset += start;
            (buffer, start, end) = (next, 0, pending);
        }
        var read = stream.Read(buffer, end, buffer.Length - end);
        end += read;
        ended = read == 0;
        return !ended;
    }
}
