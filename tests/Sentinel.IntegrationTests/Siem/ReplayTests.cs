using Npgsql;
using Sentinel.Siem.Explain;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Replay;

namespace Sentinel.IntegrationTests.Siem;

public class ReplayTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Replay_gives_the_same_finding_hit_and_package()
    {
        await using var world = await SiemWorld.CreateAsync();
        // Several batches, other lines between, and a package that spans two of them.
        var first = Enumerable.Range(0, 4).Select(i => SiemWorld.Failed(i, user: $"ü{i}"));
        var file = world.File("auth.log", [.. first, "garbage"]);
        await world.IngestAsync(file);
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        var more = Enumerable.Range(4, 4).Select(i => SiemWorld.Failed(i, user: $"user{i}") + "\n");
        await File.AppendAllLinesAsync(file, more, Cancellation);
        await world.IngestAsync(file);
        var finding = Assert.Single(await world.FindingsAsync());

        var outcome = await world
            .Get<ReplayFinding>()
            .RunAsync(world.Administrator, finding.Id, null, Cancellation);

        var same = Assert.IsType<ReplayOutcome.Reproduced>(outcome);
        Assert.True(same.Packaged);
        Assert.Equal(
            await world.AskAsync<string>("SELECT hash FROM siem.evidence_packages"),
            same.PackageSha256
        );
    }

    [Fact]
    public async Task Replay_notices_a_finding_that_was_tampered_with()
    {
        await using var world = await SiemWorld.CreateAsync();
        var lines = Enumerable.Range(0, 6).Select(i => SiemWorld.Failed(i));
        await world.IngestAsync(world.File("auth.log", [.. lines]));
        var finding = Assert.Single(await world.FindingsAsync());
        await world.Database.RunAsSuperuserAsync(
            """
            ALTER TABLE siem.siem_findings DISABLE TRIGGER ALL;
            UPDATE siem.siem_findings SET confidence = 1
            """
        );

        var outcome = await world
            .Get<ReplayFinding>()
            .RunAsync(world.Administrator, finding.Id, null, Cancellation);

        var different = Assert.IsType<ReplayOutcome.Different>(outcome);
        Assert.StartsWith("The finding differs", Assert.Single(different.Differences));
    }

    [Theory]
    [InlineData("siem.correlation_hits")]
    [InlineData("siem.siem_findings")]
    [InlineData("siem.finding_events")]
    [InlineData("siem.evidence_packages")]
    public async Task What_a_replay_should_arrive_at_is_hidden_from_it(string table)
    {
        await using var world = await SiemWorld.CreateAsync();
        await using var command = world.Database.Sentinel.Replay.CreateCommand(
            $"SELECT count(*) FROM {table}"
        );

        var refused = await Assert.ThrowsAsync<PostgresException>(() =>
            command.ExecuteScalarAsync(Cancellation)
        );

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    [Fact]
    public async Task A_finding_is_explained_from_line_to_escalation()
    {
        await using var world = await SiemWorld.CreateAsync();
        var lines = Enumerable.Range(0, 6).Select(i => SiemWorld.Failed(i));
        var file = world.File("auth.log", [.. lines]);
        await world.IngestAsync(file);
        var finding = Assert.Single(await world.FindingsAsync());

        var outcome = await world
            .Get<ExplainFinding>()
            .RunAsync(world.Administrator, finding.Id, Cancellation);

        var explained = Assert.IsType<ExplainOutcome.Explained>(outcome).Explanation;
        Assert.Equal(5, explained.Seen.Count);
        Assert.Equal(
            (SiemWorld.Failed(0), file),
            (explained.Seen[0].Line, explained.Seen[0].Place)
        );
        Assert.Equal(SiemWorld.Policies, explained.RuleText);
        Assert.Equal("credential_attack", Assert.Single(explained.Escalations).Policy);
        Assert.Single(explained.Packages);
    }

    [Fact]
    public async Task A_changed_raw_row_is_named_and_a_rewritten_one_by_its_batch()
    {
        await using var world = await SiemWorld.CreateAsync();
        var lines = Enumerable.Range(0, 3).Select(i => SiemWorld.Failed(i));
        await world.IngestAsync(world.File("auth.log", [.. lines]));
        Task<RawVerdict> VerifyAsync() =>
            world.Get<VerifyRawEvents>().RunAsync(world.Administrator, null, Cancellation);
        Assert.Equal(new RawVerdict.Intact(1, 3), await VerifyAsync());

        await world.Database.RunAsSuperuserAsync(
            """
            ALTER TABLE siem.raw_events DISABLE TRIGGER ALL;
            ALTER TABLE siem.raw_events DROP CONSTRAINT raw_events_check;
            UPDATE siem.raw_events SET payload_bytes = 'forged' WHERE batch_index = 1
            """
        );
        var id = await world.AskAsync<Guid>("SELECT id FROM siem.raw_events WHERE batch_index = 1");
        var changed = Assert.IsType<RawVerdict.Different>(await VerifyAsync());
        Assert.Contains(id.ToString(), Assert.Single(changed.Differences));

        await world.Database.RunAsSuperuserAsync(
            """
            UPDATE siem.raw_events SET payload_hash = encode(sha256(payload_bytes), 'hex')
            """
        );
        var rewritten = Assert.IsType<RawVerdict.Different>(await VerifyAsync());
        Assert.Contains("batch 1", Assert.Single(rewritten.Differences));
    }

    [Theory]
    [InlineData("line = line + 1", "batch 1")]
    [InlineData("received_at = received_at + interval '1 microsecond'", "batch 1")]
    [InlineData("event_time = event_time + interval '1 hour'", "batch 1")]
    [InlineData("source_system = 'other'", "batch 1")]
    [InlineData("ingestion_node = 'other'", "batch 1")]
    [InlineData("defect = 'none'", "batch 1")]
    [InlineData("payload = '{\"user\":\"another\"}'", "its payload is not what its bytes say")]
    public async Task What_is_cited_beside_the_bytes_is_proved_too(string change, string says)
    {
        await using var world = await SiemWorld.CreateAsync();
        await world.IngestAsync(
            world.File("auth.log", SiemWorld.Failed(1), """{"user":"root"}""", SiemWorld.Failed(2))
        );
        var column = change.Split(' ')[0];
        await world.Database.RunAsSuperuserAsync(
            $"SET session_replication_role = replica; "
                + "ALTER TABLE siem.raw_events DISABLE TRIGGER ALL; "
                + "DO $$ DECLARE c name; BEGIN FOR c IN SELECT conname FROM pg_constraint "
                + "WHERE conrelid = 'siem.raw_events'::regclass AND contype = 'c' LOOP "
                + "EXECUTE format('ALTER TABLE siem.raw_events DROP CONSTRAINT %I', c); END LOOP; END $$; "
                + $"UPDATE siem.raw_events SET {change} WHERE {column} IS NOT NULL OR '{column}' = 'defect'"
        );

        var verdict = await world
            .Get<VerifyRawEvents>()
            .RunAsync(world.Administrator, null, TestContext.Current.CancellationToken);

        var changed = Assert.IsType<RawVerdict.Different>(verdict);
        Assert.Contains(says, Assert.Single(changed.Differences));
    }
}
