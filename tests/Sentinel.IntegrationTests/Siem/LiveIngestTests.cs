using System.Text;
using Sentinel.Postgres.Access;
using Sentinel.Siem;
using Sentinel.Siem.Failures;
using Sentinel.Siem.Findings;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Search;

namespace Sentinel.IntegrationTests.Siem;

public class LiveIngestTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    static async Task<IngestOutcome> SendAsync(
        SiemWorld world,
        string key,
        params string[] lines
    ) =>
        await world
            .Get<IngestRecords>()
            .RunAsync(
                world.Machine,
                "collector",
                key,
                [.. lines.Select(line => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(line))],
                Cancellation
            );

    static IngestCounts Counts(IngestOutcome outcome) =>
        Assert.IsType<IngestOutcome.Ingested>(outcome).Counts;

    [Fact]
    public async Task A_request_delivered_again_leaves_raw_rows_and_no_second_event()
    {
        await using var world = await SiemWorld.CreateAsync();
        string[] lines = [SiemWorld.Failed(1), "garbage", SiemWorld.Failed(1)];
        var first = Counts(await SendAsync(world, "request-1", lines));

        var second = Counts(await SendAsync(world, "request-1", lines));
        var third = Counts(await SendAsync(world, "request-1", lines));

        Assert.Equal(
            (3, 2, 1, 0),
            (first.RawEvents, first.Events, first.Unparsed, first.Duplicates)
        );
        Assert.Equal(
            (3, 0, 0, 3),
            (second.RawEvents, second.Events, second.Unparsed, second.Duplicates)
        );
        Assert.Equal(3, third.Duplicates);
        Assert.Equal(2, await world.AskAsync<long>("SELECT count(*) FROM siem.events"));
        Assert.Equal(
            "0,1,2",
            await world.AskAsync<string>(
                """
                SELECT string_agg(delivery::text, ',' ORDER BY delivery) FROM siem.raw_events
                WHERE input_index = 0
                """
            )
        );
        Assert.Equal(
            6,
            await world.AskAsync<long>(
                """
                SELECT count(*) FROM siem.raw_events d JOIN siem.raw_events o
                ON o.id = d.duplicate_of AND o.payload_hash = d.payload_hash AND o.delivery = 0
                """
            )
        );
    }

    [Fact]
    public async Task What_the_first_delivery_did_not_bring_is_taken_from_the_second()
    {
        await using var world = await SiemWorld.CreateAsync();
        await SendAsync(world, "request-1", SiemWorld.Failed(1));

        var counts = Counts(
            await SendAsync(world, "request-1", SiemWorld.Failed(1), SiemWorld.Failed(2))
        );

        Assert.Equal((2, 1, 1), (counts.RawEvents, counts.Events, counts.Duplicates));
    }

    [Fact]
    public async Task A_key_that_was_used_for_something_else_is_refused()
    {
        await using var world = await SiemWorld.CreateAsync();
        await SendAsync(world, "request-1", SiemWorld.Failed(1));

        var outcome = await SendAsync(world, "request-1", SiemWorld.Failed(2));

        Assert.Contains("use a new key", Assert.IsType<IngestOutcome.Refused>(outcome).Reason);
        Assert.Equal(1, await world.AskAsync<long>("SELECT count(*) FROM siem.raw_events"));
    }

    [Fact]
    public async Task Who_may_neither_read_findings_nor_search_events_gets_no_list_of_them()
    {
        await using var world = await SiemWorld.CreateAsync();
        await SendAsync(world, "request-1", "garbage");
        var workflow = new MachineSecrets(world.Database.Data).For(
            world.OrganisationId,
            "workflow"
        );

        var findings = await world.Get<ListFindings>().RunAsync(workflow, null, 10, Cancellation);
        var failures = await world.Get<ListFailures>().RunAsync(workflow, 10, Cancellation);

        Assert.Contains(
            "finding.read",
            Assert.IsType<ListFindingsOutcome.Refused>(findings).Reason
        );
        Assert.Contains(
            "event.search",
            Assert.IsType<ListFailuresOutcome.Refused>(failures).Reason
        );
    }

    [Fact]
    public async Task A_source_that_falls_silent_is_a_finding()
    {
        await using var world = await SiemWorld.CreateAsync();
        // On the second, so that its clock is no finding.
        var line = SiemWorld
            .Failed(0)
            .Replace(" 10:00:00 ", " 12:00:00 ", StringComparison.Ordinal);
        await SendAsync(world, "request-1", line);
        Assert.Equal(0, await world.Get<WatchSources>().RunAsync(Cancellation));

        world.Clock.Advance(TimeSpan.FromHours(3));
        Assert.Equal(1, await world.Get<WatchSources>().RunAsync(Cancellation));
        Assert.Equal(0, await world.Get<WatchSources>().RunAsync(Cancellation));

        var finding = Assert.Single(await world.FindingsAsync());
        Assert.Equal("source_silent", finding.Type);
        Assert.Equal(FindingState.New, finding.State);
    }

    [Fact]
    public async Task A_clock_that_drifts_is_a_finding()
    {
        await using var world = await SiemWorld.CreateAsync();
        // The line says ten o'clock, and it is twelve.
        await SendAsync(world, "request-1", SiemWorld.Failed(1));

        Assert.Equal("clock_drift", Assert.Single(await world.FindingsAsync()).Type);
    }

    [Fact]
    public async Task Stored_events_are_found_by_the_words_of_the_language()
    {
        await using var world = await SiemWorld.CreateAsync();
        var file = world.File(
            "auth.log",
            SiemWorld.Failed(1, "203.0.113.7", "alice"),
            SiemWorld.Failed(2, "198.51.100.9", "bob"),
            SiemWorld.Line(3, "Accepted password for bob from 198.51.100.9 port 1 ssh2")
        );
        await world.IngestAsync(file);
        var search = world.Get<SearchEvents>();
        async Task<SearchOutcome> AskAsync(string query, DateTimeOffset? from = null) =>
            await search.RunAsync(world.Administrator, query, from, null, 10, Cancellation);

        var failed = Assert.IsType<SearchOutcome.EventsFound>(
            await AskAsync("user == \"bob\" and outcome == \"failure\"")
        );
        var late = Assert.IsType<SearchOutcome.EventsFound>(
            await AskAsync("", new DateTimeOffset(2026, 3, 1, 10, 0, 2, TimeSpan.Zero))
        );
        var slip = Assert.IsType<SearchOutcome.Unclear>(await AskAsync("usr == \"bob\""));

        var found = Assert.Single(failed.Events);
        Assert.Equal("198.51.100.9", found.Event.SourceIp!.ToString());
        Assert.Equal(
            SiemWorld.Failed(2, "198.51.100.9", "bob"),
            Encoding.UTF8.GetString(found.Raw.Raw.PayloadBytes.Span)
        );
        Assert.Equal(["guessed"], found.Event.Tags);
        Assert.Equal(2, late.Events.Count);
        Assert.NotEmpty(slip.Diagnostics);
    }
}
