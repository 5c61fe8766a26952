using System.Text;
using Sentinel.Siem.Failures;

namespace Sentinel.IntegrationTests.Siem;

public class IngestFilesTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_line_is_a_raw_event_and_each_is_read_or_listed()
    {
        await using var world = await SiemWorld.CreateAsync();
        var file = world.File("auth.log", SiemWorld.Failed(1), "what is this", SiemWorld.Failed(2));

        var counts = await world.IngestAsync(file);

        Assert.Equal(
            (3, 3, 2, 1),
            (counts.Lines, counts.RawEvents, counts.Events, counts.Unparsed)
        );
        Assert.Equal(3, await world.AskAsync<long>("SELECT count(*) FROM siem.raw_events"));
        Assert.Equal(2, await world.AskAsync<long>("SELECT count(*) FROM siem.events"));
        var failures = Assert
            .IsType<ListFailuresOutcome.Listed>(
                await world.Get<ListFailures>().RunAsync(world.Machine, 10, Cancellation)
            )
            .Failures;
        var failure = Assert.Single(failures.Latest);
        Assert.Equal((file, 2L), (failure.Place, failure.Line));
        Assert.Equal("what is this", Encoding.UTF8.GetString(failure.Preview));
    }

    [Fact]
    public async Task The_same_file_twice_adds_nothing_and_says_so()
    {
        await using var world = await SiemWorld.CreateAsync();
        var file = world.File("auth.log", SiemWorld.Failed(1), SiemWorld.Failed(2));
        await world.IngestAsync(file);

        var copy = file + ".1";
        File.Copy(file, copy);
        var again = await world.IngestAsync(file, copy);

        Assert.Equal((4, 0, 4), (again.Lines, again.RawEvents, again.SeenBefore));
        Assert.Equal(2, await world.AskAsync<long>("SELECT count(*) FROM siem.raw_events"));
    }

    [Fact]
    public async Task A_file_that_grew_goes_on_where_it_ended()
    {
        await using var world = await SiemWorld.CreateAsync();
        var file = world.File("auth.log", SiemWorld.Failed(1), SiemWorld.Failed(2));
        await world.IngestAsync(file);
        await File.AppendAllTextAsync(file, SiemWorld.Failed(3) + "\n", Cancellation);

        var grown = await world.IngestAsync(file);

        Assert.Equal((3, 1, 2), (grown.Lines, grown.RawEvents, grown.SeenBefore));
        Assert.Equal(1, await world.AskAsync<long>("SELECT count(*) FROM siem.inputs"));
    }

    [Fact]
    public async Task Files_that_begin_alike_and_differ_later_share_what_they_share()
    {
        await using var world = await SiemWorld.CreateAsync();
        var one = world.File("one", SiemWorld.Failed(1), SiemWorld.Failed(2), SiemWorld.Failed(3));
        var other = world.File(
            "two",
            SiemWorld.Failed(1),
            SiemWorld.Failed(2),
            SiemWorld.Failed(9)
        );
        await world.IngestAsync(one);

        var second = await world.IngestAsync(other);
        var third = await world.IngestAsync(other);

        Assert.Equal((1, 2), (second.RawEvents, second.SeenBefore));
        Assert.Equal((0, 3), (third.RawEvents, third.SeenBefore));
    }

    [Fact]
    public async Task Equal_lines_are_different_events()
    {
        await using var world = await SiemWorld.CreateAsync();
        var file = world.File("auth.log", [.. Enumerable.Repeat(SiemWorld.Failed(7), 6)]);

        var counts = await world.IngestAsync(file);

        Assert.Equal((6, 6), (counts.RawEvents, counts.Events));
        Assert.Equal(1, counts.Findings);
    }

    [Fact]
    public async Task Garbage_is_kept_byte_for_byte_and_listed()
    {
        await using var world = await SiemWorld.CreateAsync();
        var file = Path.Combine(world.Database.Data.Path, "garbage");
        var random = new Random(4711);
        var binary = new byte[50_000];
        random.NextBytes(binary);
        var line = new byte[10 * 1024 * 1024];
        Array.Fill(line, (byte)'x');
        byte[] content =
        [
            .. binary,
            (byte)'\n',
            .. line,
            (byte)'\n',
            0xC3,
            0x28,
            (byte)'\n',
            .. Encoding.UTF8.GetBytes(SiemWorld.Failed(1) + "\n"),
        ];
        await File.WriteAllBytesAsync(file, content, Cancellation);

        var counts = await world.IngestAsync(file);
        var again = await world.IngestAsync(file);

        Assert.Equal(1, counts.Events);
        Assert.Equal(counts.RawEvents, counts.Events + counts.Unparsed);
        Assert.Equal(counts.RawEvents, again.SeenBefore);
        // Every byte but the newlines is in a raw event.
        var newlines = content.Count(one => one == '\n');
        Assert.Equal(
            content.Length - newlines,
            await world.AskAsync<long>("SELECT sum(length(payload_bytes)) FROM siem.raw_events")
        );
        Assert.Equal(
            counts.Unparsed,
            await world.AskAsync<long>("SELECT count(*) FROM siem.ingest_failures")
        );
    }

    [Fact]
    public async Task Json_that_the_database_cannot_hold_is_kept_as_bytes_alone()
    {
        await using var world = await SiemWorld.CreateAsync();
        var file = world.File(
            "app.json",
            """{"message":"good"}""",
            """{"message":"nul \u0000 inside"}""",
            """{"message":"half a pair \ud800"}""",
            """{"number":1e999999}"""
        );

        var counts = await world.IngestAsync(file);

        Assert.Equal(4, counts.RawEvents);
        Assert.Equal(
            1,
            await world.AskAsync<long>(
                "SELECT count(*) FROM siem.raw_events WHERE payload IS NOT NULL"
            )
        );
    }

    [Fact]
    public async Task Two_writers_of_the_same_file_write_it_once()
    {
        await using var world = await SiemWorld.CreateAsync();
        var file = world.File(
            "auth.log",
            [.. Enumerable.Range(0, 300).Select(i => SiemWorld.Failed(i, "203.0.113.5"))]
        );

        var counts = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(_ => world.IngestAsync(file))
        );

        Assert.Equal(300, counts.Sum(one => one.RawEvents));
        Assert.Equal(900, counts.Sum(one => one.SeenBefore));
    }
}
