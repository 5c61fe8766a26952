using Sentinel.Policies.Model;
using Sentinel.Siem.Backtest;

namespace Sentinel.IntegrationTests.Siem;

public class BacktestTests
{
    const string List = """

        list known : cidr
          192.0.2.0/24

        """;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_active_already_finds_the_same_and_writes_nothing()
    {
        await using var world = await SiemWorld.CreateAsync();
        await world.IngestAsync(Attack(world, "a.log", 0, 7, "198.51.100.9"));
        await world.IngestAsync(Attack(world, "b.log", 60, 5, "198.51.100.10"));
        const string written = """
            SELECT (SELECT count(*) FROM siem.correlation_hits) + (SELECT count(*) FROM siem.audit_log)
                + (SELECT count(*) FROM siem.siem_findings) + (SELECT count(*) FROM psa.audit_log)
            """;
        var before = await world.AskAsync<long>(written);

        var report = await BacktestAsync(world, SiemWorld.Policies);

        Assert.Equal(
            [(BacktestChange.Same, "198.51.100.9"), (BacktestChange.Same, "198.51.100.10")],
            Said(report)
        );
        Assert.Equal([new BacktestDay(new(2026, 3, 1), 12, 2, 2, 0, 0, 2)], report.Days);
        Assert.Equal(
            (await world.FindingsAsync()).Select(f => f.Id).Order(),
            report.Findings.Select(f => f.Finding.FindingId).Order()
        );
        Assert.Equal(2, report.Findings[0].Finding.LaterMatches);
        Assert.Equal(before, await world.AskAsync<long>(written));
    }

    [Theory]
    [InlineData(3, BacktestChange.New, BacktestChange.Same)]
    [InlineData(7, null, BacktestChange.Gone)]
    public async Task A_draft_says_what_is_new_and_what_is_gone(
        int atLeast,
        BacktestChange? few,
        BacktestChange many
    )
    {
        await using var world = await SiemWorld.CreateAsync();
        await world.IngestAsync(Attack(world, "a.log", 0, 4, "198.51.100.9"));
        await world.IngestAsync(Attack(world, "b.log", 10, 6, "198.51.100.10"));

        // Beside the active text, whose rule of that name it replaces.
        var report = await BacktestAsync(world, Rule("guessing", atLeast), "draft.sentinel");

        (BacktestChange?, string)[] expected = [(few, "198.51.100.9"), (many, "198.51.100.10")];
        Assert.Equal(
            expected
                .Where(one => one.Item1 is not null)
                .Select(one => (one.Item1!.Value, one.Item2)),
            Said(report)
        );
    }

    [Fact]
    public async Task A_time_counts_alone_but_what_came_before_it_is_remembered()
    {
        await using var world = await SiemWorld.CreateAsync();
        await world.IngestAsync(Attack(world, "a.log", 0, 5, "198.51.100.9"));
        await world.IngestAsync(Attack(world, "b.log", 118, 5, "198.51.100.10"));
        await world.IngestAsync(Attack(world, "c.log", 600, 5, "198.51.100.11"));
        DateTimeOffset from = new(2026, 3, 1, 10, 2, 0, TimeSpan.Zero);

        var report = await BacktestAsync(
            world,
            SiemWorld.Policies,
            from: from,
            to: from.AddMinutes(5)
        );

        Assert.Equal([(BacktestChange.Same, "198.51.100.10")], Said(report));
        Assert.Equal(3, report.Events);
    }

    [Fact]
    public async Task Lists_are_those_of_the_time_of_each_event()
    {
        var policies = new ChangingPolicies(SiemWorld.Policies + List);
        await using var world = await SiemWorld.CreateAsync(policies);
        await world.IngestAsync(Attack(world, "a.log", 0, 5, "198.51.100.9"));
        await world.IngestAsync(Attack(world, "b.log", 10, 5, "192.0.2.7"));
        policies.Publish(SiemWorld.Policies + List.Replace("192.0.2.0/24", "198.51.100.0/24"));
        await world.IngestAsync(Attack(world, "c.log", 1200, 5, "198.51.100.10"));
        await world.IngestAsync(Attack(world, "d.log", 1300, 5, "192.0.2.8"));

        var report = await BacktestAsync(
            world,
            Rule("guessing", 5, " where source_ip not in known"),
            "draft.sentinel"
        );

        Assert.Equal(
            [
                (BacktestChange.Same, "198.51.100.9"),
                (BacktestChange.Gone, "192.0.2.7"),
                (BacktestChange.Gone, "198.51.100.10"),
                (BacktestChange.Same, "192.0.2.8"),
            ],
            Said(report)
        );
    }

    [Fact]
    public async Task A_draft_of_a_source_reads_what_nobody_could_read()
    {
        await using var world = await SiemWorld.CreateAsync();
        await world.IngestAsync(
            world.File(
                "door.log",
                [
                    .. Enumerable
                        .Range(0, 5)
                        .Select(i => $"door 2026-03-01 10:00:0{i} refused 198.51.100.9"),
                ]
            )
        );
        const string source = """
            source test.door
              accepts text where message startswith "door "
              timestamp event_time as "yyyy-MM-dd HH:mm:ss" zone utc
              line "door {event_time} refused {source_ip:ip}"
                is auth.login_failed severity 4 outcome failure

            """;

        var report = await BacktestAsync(world, source, "door.sentinel");

        Assert.Equal([(BacktestChange.New, "198.51.100.9")], Said(report));
        Assert.Equal((5, 0), (report.Events, report.Unparsed));
    }

    [Fact]
    public async Task Bad_drafts_and_strangers_get_no_answer()
    {
        await using var world = await SiemWorld.CreateAsync();
        await world.IngestAsync(Attack(world, "a.log", 0, 7, "198.51.100.9"));
        var other = await world.FoundAnotherAsync();
        PolicyText good = new("draft.sentinel", Rule("guessing", 3));

        var bad = await world
            .Get<BacktestPolicy>()
            .RunAsync(
                world.Administrator,
                [new("draft.sentinel", Rule("guessing", 3, " where sorce_ip exists"))],
                null,
                null,
                null,
                Cancellation
            );
        var stranger = await world
            .Get<BacktestPolicy>()
            .RunAsync(other, [good], null, null, null, Cancellation);
        var backwards = await world
            .Get<BacktestPolicy>()
            .RunAsync(
                world.Administrator,
                [good],
                world.Clock.GetUtcNow(),
                world.Clock.GetUtcNow(),
                null,
                Cancellation
            );

        Assert.Contains(
            Assert.IsType<BacktestOutcome.BadPolicies>(bad).Diagnostics,
            d => d is { Code: "POL014", Path: "draft.sentinel" }
        );
        Assert.Empty(Assert.IsType<BacktestOutcome.Backtested>(stranger).Report.Findings);
        Assert.IsType<BacktestOutcome.Refused>(backwards);
    }

    static string Rule(string name, int atLeast, string where = "") =>
        $$"""
            rule {{name}}
              "Failed logins"
              severity 5
              let failed = event auth.login_failed{{where}}
              aggregate failed by source_ip within 5m
                having count(failed) >= {{atLeast}}
              confidence 60
              raises brute_force "{count(failed)} failed logins from {source_ip}"
              once per source_ip in 1h

            """;

    static string Attack(SiemWorld world, string name, int second, int count, string address) =>
        world.File(
            name,
            [.. Enumerable.Range(second, count).Select(s => SiemWorld.Failed(s, address))]
        );

    static IEnumerable<(BacktestChange, string)> Said(BacktestReport report) =>
        report.Findings.Select(f => (f.Change, f.Finding.Key["source_ip"]));

    static async Task<BacktestReport> BacktestAsync(
        SiemWorld world,
        string text,
        string path = "test.sentinel",
        DateTimeOffset? from = null,
        DateTimeOffset? to = null
    )
    {
        var outcome = await world
            .Get<BacktestPolicy>()
            .RunAsync(world.Administrator, [new(path, text)], from, to, null, Cancellation);
        return Assert.IsType<BacktestOutcome.Backtested>(outcome).Report;
    }
}
