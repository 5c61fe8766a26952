using System.Text;
using FsCheck.Xunit;
using Sentinel.Siem.Ingestion;

namespace Sentinel.Tests.Siem;

public sealed class RecordReaderTests
{
    [Fact]
    public void Each_line_is_a_record_with_its_bytes_and_the_last_needs_no_newline()
    {
        var records = Read("one\r\n  two\n\nfour");

        Assert.Equal(["one\r", "  two", "", "four"], records.Select(Text));
        Assert.Equal([1, 2, 3, 4], records.Select(r => r.Line));
        Assert.Equal([null, null, "it is empty", null], records.Select(r => r.Defect));
    }

    [Fact]
    public void A_json_array_gives_each_object_with_the_line_where_it_begins()
    {
        var records = Read("[\n  {\"a\": 1},\n  {\"b\":\n    [\"}\\\"\", {}]}\n]\n");

        Assert.Equal(["{\"a\": 1}", "{\"b\":\n    [\"}\\\"\", {}]}"], records.Select(Text));
        Assert.Equal([2, 3], records.Select(r => r.Line));
    }

    [Fact]
    public void Concatenated_json_values_are_records_of_their_own()
    {
        var records = Read("{\"a\":1}{\"b\":2}\n\n{\n\"c\":3}\n{\"d\":4}");

        Assert.Equal(["{\"a\":1}", "{\"b\":2}", "{\n\"c\":3}", "{\"d\":4}"], records.Select(Text));
        Assert.Equal([1, 1, 3, 5], records.Select(r => r.Line));
    }

    [Fact]
    public void A_cut_json_line_does_not_swallow_the_lines_after_it()
    {
        var records = Read("{\"a\":{\"b\":1\n{\"c\":2}\n{\"d\":\"cut\n{\"e\":3}\n");

        Assert.Equal(
            ["{\"a\":{\"b\":1", "{\"c\":2}", "{\"d\":\"cut", "{\"e\":3}"],
            records.Select(Text)
        );
    }

    [Theory]
    [InlineData("[Sun Dec 04 04:47:44 2005] [notice] started")]
    [InlineData("{braces} and text after them")]
    [InlineData("{never closed")]
    [InlineData("[]")]
    public void A_line_that_only_looks_like_json_is_a_line(string line)
    {
        Assert.Equal([line, "next"], Read($"{line}\nnext").Select(Text));
    }

    [Fact]
    public void Binary_and_broken_text_say_why_they_cannot_be_read()
    {
        var records = Read([0x41, 0x00, 0x0A, 0xC3, 0x28, 0x0A]);

        Assert.Equal(
            ["it holds NUL bytes: a binary file, or UTF-16", "it is not valid UTF-8"],
            records.Select(r => r.Defect)
        );
    }

    [Fact]
    public void A_line_of_ten_mebibytes_is_kept_whole_and_the_line_after_it_is_read()
    {
        var records = Read(new string('x', 10 * 1024 * 1024) + "\nnext\n");

        Assert.Equal([10 * 1024 * 1024, 4], records.Select(r => r.Bytes.Length));
        Assert.StartsWith("it is longer than 1 MiB", records[0].Defect);
        Assert.Null(records[1].Defect);
    }

    [Fact]
    public void A_longer_line_is_kept_in_pieces_and_no_byte_is_lost()
    {
        var records = Read(new string('x', RecordReader.RawBytesMax + 5) + "\nnext");

        Assert.Equal([RecordReader.RawBytesMax, 5, 4], records.Select(r => r.Bytes.Length));
        Assert.Equal([1, 1, 2], records.Select(r => r.Line));
        Assert.All(records.Take(2), r => Assert.Contains("longer than 16 MiB", r.Defect));
    }

    [Property]
    public bool Lines_of_text_come_back_however_the_stream_is_cut(byte[][] lines, int seed)
    {
        // A zero stands for nothing that could begin JSON or end a line.
        var clean = lines
            .Select(line => line.Select(b => b is 10 or 13 or 32 or 9 ? (byte)97 : b))
            .Select(line => (byte[])[.. "x"u8, .. line])
            .ToArray();
        var bytes = clean.SelectMany(line => (byte[])[.. line, 10]).ToArray();
        using var stream = new DripStream(bytes, new Random(seed));

        var read = new RecordReader(stream).Read(int.MaxValue).Select(r => r.Bytes.ToArray());

        return read.SelectMany(b => b.Append((byte)10)).SequenceEqual(bytes);
    }

    [Fact]
    public void A_growing_file_keeps_the_positions_of_its_lines_and_equal_lines_differ()
    {
        var some = Input("a\na\n").Read(10);
        var more = Input("a\na\nb\n").Read(10);

        Assert.NotEqual(some[0].Position, some[1].Position);
        Assert.Equal(some.Select(r => r.Position), more.Take(2).Select(r => r.Position));
    }

    static FileInput Input(string text) =>
        new(
            new MemoryStream(Encoding.UTF8.GetBytes(text)),
            new InputOrigin(Guid.Empty, Guid.Empty, "some", "some", "node"),
            TimeProvider.System
        );

    static IReadOnlyList<ReceivedRecord> Read(string text) => Read(Encoding.UTF8.GetBytes(text));

    static IReadOnlyList<ReceivedRecord> Read(byte[] bytes) =>
        new RecordReader(new MemoryStream(bytes)).Read(int.MaxValue);

    static string Text(ReceivedRecord record) => Encoding.UTF8.GetString(record.Bytes.Span);

    /// <summary>Gives a few bytes at a time, as a slow disk or a socket does.</summary>
    sealed class DripStream(byte[] bytes, Random chance) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) =>
            base.Read(buffer, offset, Math.Min(count, chance.Next(1, 8)));
    }
}
