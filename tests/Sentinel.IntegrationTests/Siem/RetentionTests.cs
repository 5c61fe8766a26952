using Npgsql;
using Sentinel.Contract;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Replay;
using Sentinel.Siem.Retention;
using Sentinel.Siem.Search;

namespace Sentinel.IntegrationTests.Siem;

/// <summary>A day whose time is over moves away whole, and everything still works on it.</summary>
public class RetentionTests
{
    const string Retention = """


        retention all_others
          raw 10d
          events 30d
          afterwards delete
        """;

    static readonly DateOnly day = new(2026, 3, 1);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_archived_day_is_replayed_found_by_id_and_verified_like_one_that_is_online()
    {
        await using var world = await CreateAsync();
        var finding = Assert.Single(await world.FindingsAsync());
        var id = await world.AskAsync<Guid>("SELECT id FROM siem.events LIMIT 1");
        var early = await RunAsync(world);
        world.Clock.Advance(TimeSpan.FromDays(32));

        var late = await RunAsync(world);

        Assert.Contains("its time is over on 2026-04-01", Assert.Single(early).Why);
        Assert.Equal(new RetainedDay(day, 6, null), Assert.Single(late));
        Assert.Empty((await SearchAsync(world, "")).Events);
        Assert.Equal(id, Assert.Single((await SearchAsync(world, id.ToString())).Events).Event.Id);
        Assert.IsType<ReplayOutcome.Reproduced>(
            await world
                .Get<ReplayFinding>()
                .RunAsync(world.Administrator, finding.Id, null, Cancellation)
        );
        Assert.Equal(6, Assert.IsType<RawVerdict.Intact>(await VerifyAsync(world)).RawEvents);
        Assert.Equal(
            "archived_day.created all_others",
            await world.AskAsync<string>(
                """
                SELECT action || ' ' || split_part(policy_version, ' ', 1) FROM siem.audit_log
                WHERE entity_type = 'archived_day'
                """
            )
        );
        Assert.Empty(await RunAsync(world));
    }

    [Fact]
    public async Task A_legal_hold_wins_until_it_is_lifted()
    {
        await using var world = await CreateAsync();
        world.Clock.Advance(TimeSpan.FromDays(32));
        var hold = new ReferenceData.LegalHold(
            world.OrganisationId,
            Guid.CreateVersion7(world.Clock.GetUtcNow()),
            new DateTimeOffset(2026, 3, 1, 23, 0, 0, TimeSpan.Zero),
            null,
            Active: true
        );
        await world.Get<IReferenceData>().ApplyAsync(hold, Cancellation);
        var held = Assert.Single(await RunAsync(world));
        var byHand = await Assert.ThrowsAsync<PostgresException>(() =>
            world.RunAsSiemAsync(
                $"""
                INSERT INTO siem.archived_days (organisation_id, day, archive_uri, sha256, raw_events,
                    archived_at)
                VALUES ('{world.OrganisationId}', '2026-03-01', 'x', repeat('0', 64), 6, now())
                """
            )
        );
        await world.Get<IReferenceData>().ApplyAsync(hold with { Active = false }, Cancellation);

        Assert.Contains("a legal hold", held.Why);
        Assert.Contains("legal hold", byHand.MessageText);
        Assert.Equal(6, Assert.Single(await RunAsync(world)).RawEvents);
    }

    [Fact]
    public async Task Nothing_moves_that_was_not_exported_and_nothing_is_ever_removed()
    {
        await using var world = await CreateAsync();
        var unexported = await Assert.ThrowsAsync<PostgresException>(() => MoveAsync(world));
        world.Clock.Advance(TimeSpan.FromDays(32));
        await RunAsync(world);

        Assert.Contains("is not exported in full", unexported.MessageText);
        foreach (
            var sql in (string[])
                [
                    "DELETE FROM siem.archived_raw_events",
                    "UPDATE siem.archived_events SET severity = 0",
                    "TRUNCATE siem.archived_raw_events",
                ]
        )
        {
            await Assert.ThrowsAsync<PostgresException>(() => world.RunAsSiemAsync(sql));
            var refused = await Assert.ThrowsAsync<PostgresException>(() =>
                world.Database.RunAsSuperuserAsync(sql)
            );
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }
        Assert.Equal(
            6,
            await world.AskAsync<long>("SELECT count(*) FROM siem.archived_raw_events")
        );
    }

    [Fact]
    public async Task What_comes_late_for_an_archived_day_stays_online()
    {
        await using var world = await CreateAsync();
        world.Clock.Advance(TimeSpan.FromDays(32));
        await RunAsync(world);

        await world.IngestAsync(world.File("late.log", SiemWorld.Failed(50, user: "late")));
        var again = Assert.Single(await RunAsync(world));

        Assert.NotNull(again.Why);
        Assert.Single((await SearchAsync(world, "")).Events);
        Assert.Equal(7, Assert.IsType<RawVerdict.Intact>(await VerifyAsync(world)).RawEvents);
    }

    [Fact]
    public async Task An_exported_file_that_changed_is_found()
    {
        await using var world = await CreateAsync();
        world.Clock.Advance(TimeSpan.FromDays(32));
        await RunAsync(world);
        var list = world.Get<ListArchivedDays>();
        var before = Assert.IsType<ArchivedDaysOutcome.DaysListed>(
            await list.RunAsync(world.Administrator, check: true, Cancellation)
        );
        var file = Directory
            .GetFiles(world.Database.Data.Path, "raw_events-*", SearchOption.AllDirectories)
            .Single();
        var bytes = await File.ReadAllBytesAsync(file, Cancellation);
        bytes[^5] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, Cancellation);

        var after = Assert.IsType<ArchivedDaysOutcome.DaysListed>(
            await list.RunAsync(world.Administrator, check: true, Cancellation)
        );

        Assert.Empty(before.Problems);
        Assert.Equal(6, Assert.Single(before.Days).RawEvents);
        Assert.EndsWith("was changed", Assert.Single(after.Problems));
    }

    [Fact]
    public async Task A_source_that_no_retention_covers_keeps_its_days()
    {
        await using var world = await SiemWorld.CreateAsync();
        await world.IngestAsync(world.File("auth.log", SiemWorld.Failed(1)));
        world.Clock.Advance(TimeSpan.FromDays(300));

        Assert.Contains("no retention", Assert.Single(await RunAsync(world)).Why);
    }

    static async Task<SiemWorld> CreateAsync()
    {
        var world = await SiemWorld.CreateAsync(
            new ChangingPolicies(SiemWorld.Policies + Retention)
        );
        var lines = Enumerable.Range(0, 6).Select(i => SiemWorld.Failed(i));
        await world.IngestAsync(world.File("auth.log", [.. lines]));
        return world;
    }

    static Task<IReadOnlyList<RetainedDay>> RunAsync(SiemWorld world) =>
        world.Get<RunRetention>().RunAsync(Cancellation);

    static Task<RawVerdict> VerifyAsync(SiemWorld world) =>
        world.Get<VerifyRawEvents>().RunAsync(world.Administrator, null, Cancellation);

    static async Task MoveAsync(SiemWorld world)
    {
        await using var command = world.Database.Sentinel.Jobs.CreateCommand(
            "SELECT siem.archive_day('2026-03-01')"
        );
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    static async Task<SearchOutcome.EventsFound> SearchAsync(SiemWorld world, string query) =>
        Assert.IsType<SearchOutcome.EventsFound>(
            await world
                .Get<SearchEvents>()
                .RunAsync(world.Administrator, query, null, null, 100, Cancellation)
        );
}
