using Npgsql;
using Sentinel.Contract;
using Sentinel.Postgres.Access;

namespace Sentinel.IntegrationTests.Siem;

public class SiemSchemaTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(
        "raw_events",
        "id source_system received_at event_time payload payload_hash ingestion_node"
    )]
    [InlineData(
        "events",
        "id raw_event_id event_category event_type severity asset_id user_id source_ip destination_ip event_time"
    )]
    [InlineData("event_tags", "event_id tag")]
    [InlineData("event_enrichment", "event_id enrichment_type enrichment_data created_at")]
    [InlineData("correlation_rules", "id name description logic enabled severity")]
    [InlineData("correlation_hits", "id rule_id triggered_at event_ids confidence")]
    [InlineData(
        "siem_findings",
        "id organisation_id finding_type severity confidence status created_at psa_case_id"
    )]
    [InlineData("finding_events", "finding_id event_id")]
    [InlineData("evidence_packages", "id finding_id package_uri hash created_at")]
    public async Task Every_table_and_column_of_the_specification_is_there(
        string table,
        string columns
    )
    {
        await using var world = await SiemWorld.CreateAsync();
        var there = await world.AskAsync<string[]>(
            $"""
            SELECT array_agg(column_name::text) FROM information_schema.columns
            WHERE table_schema = 'siem' AND table_name = '{table}'
            """
        );

        Assert.Empty(columns.Split(' ').Except(there));
    }

    [Fact]
    public async Task A_rule_is_enabled_by_its_activations_alone()
    {
        await using var world = await SiemWorld.CreateAsync();
        await world.IngestAsync(world.File("auth.log", SiemWorld.Failed(1)));
        const string enabled = "SELECT enabled FROM siem.correlation_rules WHERE name = 'guessing'";
        Assert.True(await world.AskAsync<bool>(enabled));

        await world.RunAsSiemAsync(
            """
            INSERT INTO siem.rule_activations (organisation_id, id, rule_id, enabled, activated_at)
            SELECT organisation_id, gen_random_uuid(), id, false, now() FROM siem.correlation_rules
            WHERE name = 'guessing'
            """
        );

        Assert.False(await world.AskAsync<bool>(enabled));
        var refused = await Assert.ThrowsAsync<PostgresException>(() =>
            world.RunAsSiemAsync("UPDATE siem.correlation_rules SET enabled = true")
        );
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    [Fact]
    public async Task The_same_day_may_be_made_by_many_at_once()
    {
        await using var world = await SiemWorld.CreateAsync();
        var made = await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(async i =>
                {
                    await using var command = world.Database.Sentinel.Siem.CreateCommand(
                        "SELECT siem.create_days($1)"
                    );
                    command.Parameters.AddWithValue(
                        new[] { new DateOnly(2026, 5, 1), new DateOnly(2026, 5, 2 + i % 3) }
                    );
                    return (int)(await command.ExecuteScalarAsync(Cancellation))!;
                })
        );

        // Four days of five tables, whoever made them.
        Assert.Equal(20, made.Sum());
    }

    [Fact]
    public async Task A_partition_has_no_grants_and_its_parent_refuses_changes()
    {
        await using var world = await SiemWorld.CreateAsync();
        await world.IngestAsync(world.File("auth.log", SiemWorld.Failed(1)));

        await Assert.ThrowsAsync<PostgresException>(() =>
            world.RunAsSiemAsync("SELECT count(*) FROM siem.raw_events_20260301")
        );
        // Even the superuser meets the trigger, in the partition too.
        await Assert.ThrowsAsync<PostgresException>(() =>
            world.Database.RunAsSuperuserAsync("DELETE FROM siem.raw_events_20260301")
        );
    }

    [Theory]
    [InlineData(
        """
            INSERT INTO siem.events SELECT organisation_id, gen_random_uuid(), key_time, gen_random_uuid(),
                declaration, event_category, event_type, severity, asset_id, user_id, source_ip,
                destination_ip, event_time, repeated, fields FROM siem.events
            """
    )]
    [InlineData(
        """
            INSERT INTO siem.event_tags SELECT organisation_id, gen_random_uuid(), key_time, 'x' FROM siem.events
            """
    )]
    [InlineData(
        """
            INSERT INTO siem.ingest_failures SELECT organisation_id, gen_random_uuid(), key_time, 1, NULL, 'x',
                now() FROM siem.events
            """
    )]
    public async Task Nothing_points_to_an_event_that_is_not_there(string sql)
    {
        await using var world = await SiemWorld.CreateAsync();
        await world.IngestAsync(world.File("auth.log", SiemWorld.Failed(1)));

        var refused = await Assert.ThrowsAsync<PostgresException>(() => world.RunAsSiemAsync(sql));

        Assert.Equal(PostgresErrorCodes.ForeignKeyViolation, refused.SqlState);
    }

    [Fact]
    public async Task A_batch_that_fails_leaves_nothing()
    {
        await using var world = await SiemWorld.CreateAsync();
        await world.Database.RunAsSuperuserAsync(
            "ALTER TABLE siem.finding_events ADD CONSTRAINT broken CHECK (false)"
        );
        var lines = Enumerable.Range(0, 6).Select(i => SiemWorld.Failed(i));
        var file = world.File("auth.log", [.. lines]);

        await Assert.ThrowsAsync<PostgresException>(() => world.IngestAsync(file));

        foreach (
            var table in new[] { "raw_events", "events", "batches", "inputs", "siem_findings" }
        )
            Assert.Equal(0, await world.AskAsync<long>($"SELECT count(*) FROM siem.{table}"));
        await world.Database.RunAsSuperuserAsync(
            "ALTER TABLE siem.finding_events DROP CONSTRAINT broken"
        );
        Assert.Equal(1, (await world.IngestAsync(file)).Findings);
    }

    [Fact]
    public async Task Reference_data_enriches_what_comes_after_it()
    {
        await using var world = await SiemWorld.CreateAsync();
        var asset = new ReferenceData.Asset(
            world.OrganisationId,
            Guid.CreateVersion7(world.Clock.GetUtcNow()),
            "server",
            "web1",
            ["web1", "192.0.2.10"],
            8,
            true
        );
        await world.Get<IReferenceData>().ApplyAsync(asset, Cancellation);
        await world.Get<IReferenceData>().ApplyAsync(asset, Cancellation);

        await world.IngestAsync(world.File("auth.log", SiemWorld.Failed(1)));

        Assert.Equal(asset.Id, await world.AskAsync<Guid>("SELECT asset_id FROM siem.events"));
        Assert.Equal(
            1,
            await world.AskAsync<long>(
                "SELECT count(*) FROM siem.event_enrichment WHERE enrichment_type = 'asset'"
            )
        );
        Assert.Equal(
            "root",
            await world.AskAsync<string>(
                """
                SELECT i.account_name FROM siem.events e JOIN siem.identities i ON i.id = e.user_id
                """
            )
        );
    }

    [Fact]
    public async Task Another_organisation_sees_nothing()
    {
        await using var world = await SiemWorld.CreateAsync();
        await world.IngestAsync(world.File("auth.log", SiemWorld.Failed(1)));
        var stranger = await world.FoundAnotherAsync();

        await using var work = await PresentedTransaction.BeginAsync(
            world.Database.Sentinel.Siem,
            stranger,
            Cancellation
        );
        await using var command = work.Command("SELECT count(*) FROM siem.raw_events");

        Assert.Equal(0L, await command.ExecuteScalarAsync(Cancellation));
    }
}
