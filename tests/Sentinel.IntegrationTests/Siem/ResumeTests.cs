using System.Text;
using Sentinel.Siem;

namespace Sentinel.IntegrationTests.Siem;

/// <summary>
/// Open windows are written down now and then; what came since is fed again by whoever goes on. Nobody can
/// tell afterwards that there was a restart.
/// </summary>
public class ResumeTests
{
    // More than one snapshot's worth, and restarts that fall before, on and behind one.
    const int Requests = 40;

    const string Traces = """
        SELECT string_agg(trace, E'\n' ORDER BY trace) FROM (
            SELECT 'hit ' || stage || ' ' || key || ' ' || first_time || ' ' || last_time || ' '
                || event_count || ' ' || confidence || ' ' || batch_number AS trace
            FROM siem.correlation_hits
            UNION ALL
            SELECT 'settled ' || outcome || ' ' || batch_number FROM siem.hit_settlements
            UNION ALL
            SELECT 'finding ' || finding_type || ' ' || summary FROM siem.siem_findings
        ) AS traces
        """;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(16)]
    public async Task A_restart_between_any_two_batches_changes_nothing(int requestsPerStart)
    {
        await using var calm = await SiemWorld.CreateAsync();
        await using var restarted = await SiemWorld.CreateAsync();
        for (var i = 0; i < Requests; i++)
        {
            await SendAsync(calm, i);
            if (i % requestsPerStart == 0)
                await restarted.RestartAsync();
            await SendAsync(restarted, i);
        }

        var traces = await calm.AskAsync<string>(Traces);
        Assert.Contains("hit final", traces);
        Assert.Equal(traces, await restarted.AskAsync<string>(Traces));
    }

    [Fact]
    public async Task Another_process_goes_on_where_the_first_one_left_and_back()
    {
        await using var calm = await SiemWorld.CreateAsync();
        await using var world = await SiemWorld.CreateAsync();
        var (first, second) = (world.Get<IngestRecords>(), default(IngestRecords));
        for (var i = 0; i < Requests; i++)
        {
            await SendAsync(calm, i);
            second ??= world.Another<IngestRecords>();
            await SendAsync(world, i % 3 == 0 ? second : first, i);
        }

        Assert.Equal(await calm.AskAsync<string>(Traces), await world.AskAsync<string>(Traces));
    }

    static Task SendAsync(SiemWorld world, int number) =>
        SendAsync(world, world.Get<IngestRecords>(), number);

    // Two addresses guess, every fifth line comes late, and time goes on far enough to make hits final.
    static async Task SendAsync(SiemWorld world, IngestRecords records, int number)
    {
        var second = number * 25 - (number % 5 == 4 ? 60 : 0);
        var line = SiemWorld.Failed(second, number % 2 == 0 ? "198.51.100.9" : "203.0.113.7");
        var outcome = await records.RunAsync(
            world.Machine,
            "collector",
            $"request-{number}",
            [Encoding.UTF8.GetBytes(line)],
            Cancellation
        );
        Assert.IsType<IngestOutcome.Ingested>(outcome);
    }
}
