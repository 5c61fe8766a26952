using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Sentinel.Siem.Detection;
using Sentinel.Siem.Ingestion;

namespace Sentinel.Tests.Siem;

public sealed class BlockReaderTests
{
    static readonly string[] Pieces =
    [
        "\n",
        "\n\n",
        " \t\r\n",
        "a line\n",
        "  another\r\n",
        "[Sun Dec 04] notice\n",
        "{\"a\":1}\n",
        " {\"a\":{\"b\":[1,\"}\"]}} \r\n",
        "{\"a\":\"\\\"}\"}\n",
        "{\"a\":1}{\"b\":2}\n",
        "{\"a\":1} and more\n",
        "{\"a\":\n1}\n",
        "{\"cut\":\n",
        "{not json}\n",
        "[{\"a\":1},\n{\"b\":2}]\n",
        "[\n",
        "{\"a\":1},",
        "]\n",
        "\0binary\n",
        "é€\n",
        "no end",
    ];

    public static Arbitrary<byte[]> Streams =>
        Gen.Elements(Pieces)
            .ListOf()
            .Select(pieces => Encoding.UTF8.GetBytes(string.Concat(pieces)))
            .ToArbitrary();

    [Property]
    public Property Blocks_of_lines_give_the_records_that_the_stream_gives() =>
        Prop.ForAll(
            Streams,
            Gen.Choose(1, 40).ToArbitrary(),
            (bytes, blockBytes) =>
                OfBlocks(bytes, blockBytes).SequenceEqual(OfStream(bytes)).Label(Text(bytes))
        );

    [Fact]
    public void Only_what_looks_beyond_its_line_leaves_the_blocks()
    {
        Assert.Null(RestOf("one\n\n{\"a\":1}\n\n[Sun Dec 04] two\n{bad json}\n"));
        Assert.Equal(4, RestOf("one\n{\"a\":\n1}\n")?.Offset);
        Assert.Equal(new RecordPlace(12, 3, true), RestOf("one\n{\"a\":1}\n[\n{}]"));
    }

    [Property]
    public Property Positions_are_those_of_the_whole_stream_in_whatever_order_they_are_asked_for() =>
        Prop.ForAll(
            Streams,
            Gen.Choose(1, 40).ToArbitrary(),
            (bytes, blockBytes) =>
            {
                var path = Path.GetTempFileName();
                File.WriteAllBytes(path, bytes);
                var positions = new FilePositions(path, blockBytes);
                OfBlocks(bytes, blockBytes, positions);
                var right = PositionsOf(bytes)
                    .Reverse()
                    .All(p => positions.Of(p.Offset) == p.Position);
                positions.Close();
                File.Delete(path);
                return right.Label(Text(bytes));
            }
        );

    static IEnumerable<(long Offset, Digest Position)> PositionsOf(byte[] bytes)
    {
        var last = Digest.Zero;
        foreach (var record in new RecordReader(new MemoryStream(bytes)).Read(int.MaxValue))
        {
            last = Digest.Chain(last, Digest.Of(record.Bytes.Span));
            yield return (record.Offset, last);
        }
    }

    static RecordPlace? RestOf(string text)
    {
        var block = new LineBlock
        {
            Bytes = Encoding.UTF8.GetBytes(text),
            Length = Encoding.UTF8.GetByteCount(text),
            Place = RecordPlace.Start,
        };
        return Cut(block, []);
    }

    static List<(string, long, string?, long)> OfStream(byte[] bytes) =>
        [.. new RecordReader(new MemoryStream(bytes)).Read(int.MaxValue).Select(Shape)];

    static List<(string, long, string?, long)> OfBlocks(
        byte[] bytes,
        int blockBytes,
        FilePositions? positions = null
    )
    {
        var stream = new MemoryStream(bytes);
        var blocks = new BlockReader(stream, blockBytes, RecordPlace.Start);
        var found = new List<(string, long, string?, long)>();
        RecordPlace? rest = null;
        while (rest is null)
        {
            var block = new LineBlock();
            if (!blocks.Read(block))
                break;
            rest = Cut(block, found);
            positions?.AreLinesUntil(rest?.Offset ?? block.End);
            if (found.Count > 0)
                positions?.Of(found[^1].Item4);
        }
        if ((rest ?? blocks.Rest) is not { } place)
            return found;
        stream.Position = place.Offset;
        positions?.GoOnFrom(place);
        return [.. found, .. new RecordReader(stream, place).Read(int.MaxValue).Select(Shape)];
    }

    static RecordPlace? Cut(LineBlock block, List<(string, long, string?, long)> found)
    {
        var lines = new BlockLines(block);
        while (lines.Next(out var record, out var opensObject))
        {
            if (opensObject && !BlockLines.IsWholeObject(record.Bytes.Span))
                break;
            found.Add(Shape(record));
            lines.Accept(record, opensObject);
        }
        return lines.Rest;
    }

    static (string, long, string?, long) Shape(ReceivedRecord record) =>
        (Text(record.Bytes.Span), record.Line, record.Defect, record.Offset);

    static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);
}
