using Npgsql;
using Sentinel.Postgres.Access;
using Sentinel.Workflows;
using Sentinel.Workflows.Execution;

namespace Sentinel.IntegrationTests.Workflows;

/// <summary>Instances that go on in another version, because somebody asked and nothing stands in the way.</summary>
public class MigrationTests
{
    readonly Counting note = new("Test.Note");

    [Fact]
    public async Task What_failed_goes_on_in_a_version_that_was_mended()
    {
        await using var workshop = await OpenAsync();
        await workshop.ShipAsync(Flow.Of("notes", Flow.Note("a", "1"), Flow.Note("b", "bad")));
        var instance = await workshop.StartAsync("notes");
        note.Refusals["bad"] = "It is misspelt.";
        await workshop.RunAsync();
        Assert.Equal("faulted", await workshop.StatusAsync(instance));
        await workshop.ShipAsync(
            Flow.Of("notes", Flow.Note("a", "0"), Flow.Note("b", "good"), Flow.Note("c", "3"))
        );

        Assert.Equal(
            new MigrationOutcome.Requested(2),
            await MigrateAsync(workshop, instance, workshop.Administrator)
        );
        await SteeringTests.AskAsync(workshop, instance, isRetry: true);
        await workshop.RunAsync();

        Assert.Equal("finished", await workshop.StatusAsync(instance));
        Assert.Equal("1,good,3", await workshop.EffectsAsync());
        Assert.Contains(
            "b faulted, Workflow1 migrated, b retried, b started, b completed",
            await workshop.JournalAsync(instance),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Whoever_asks_too_late_reads_in_the_journal_why_it_did_not_move()
    {
        await using var workshop = await OpenAsync();
        await workshop.ShipAsync(Flow.Of("notes", Flow.Note("a", "1"), Flow.Event("wait", "go")));
        var instance = await workshop.StartAsync("notes");
        note.Refusals["1"] = "The moon is down.";
        await workshop.RunAsync();
        await workshop.ShipAsync(
            Flow.Of("notes", Flow.Note("a", "1"), Flow.Note("b", "2"), Flow.Event("wait", "go"))
        );

        note.Refusals.Clear();
        await SteeringTests.AskAsync(workshop, instance, isRetry: true);
        Assert.Equal(
            new MigrationOutcome.Requested(2),
            await MigrateAsync(workshop, instance, workshop.Administrator)
        );
        await workshop.RunAsync();

        Assert.Equal("suspended", await workshop.StatusAsync(instance));
        Assert.Equal("1", await workshop.EffectsAsync());
        const string told =
            "SELECT message FROM workflow.workflow_journal WHERE event = 'refused' ORDER BY number DESC LIMIT 1";
        Assert.StartsWith(
            "migrate: It has passed 'a', from which other connections lead now.",
            await workshop.Database.AskAsSuperuserAsync<string>(told),
            StringComparison.Ordinal
        );

        await workshop.ShipAsync(
            Flow.Of("notes", Flow.Note("a", "1"), Flow.Event("wait", "go"), Flow.Note("after", "3"))
        );
        await MigrateAsync(workshop, instance, workshop.Administrator);
        await MigrateAsync(workshop, instance, workshop.Administrator);
        await workshop.RunAsync();
        Assert.Equal(
            "migrate: It follows that version already.",
            await workshop.Database.AskAsSuperuserAsync<string>(told)
        );
        await workshop.ResumeAsync("Elsa.Event", "go", "Done");
        await workshop.RunAsync();
        Assert.Equal("finished", await workshop.StatusAsync(instance));
        Assert.Equal("1,3", await workshop.EffectsAsync());
    }

    [Fact]
    public async Task An_instance_follows_another_version_only_where_a_person_asked_for_it()
    {
        await using var workshop = await OpenAsync();
        await workshop.ShipAsync(Flow.Of("notes", Flow.Event("wait", "go")));
        await workshop.ShipAsync(Flow.Of("other", Flow.Event("wait", "go")));
        var instance = await workshop.StartAsync("notes");
        await workshop.RunAsync();
        await workshop.ShipAsync(
            Flow.Of("notes", Flow.Event("wait", "go"), Flow.Note("more", "1"))
        );

        await Assert.ThrowsAsync<PostgresException>(() =>
            MigrateAsync(workshop, instance, workshop.Machine("workflow"))
        );
        const string newest =
            "(SELECT id FROM workflow.shipped_definitions WHERE definition_id = 'notes' AND version = 2)";
        await RefusedAsync(
            workshop,
            workshop.Machine("workflow"),
            $"UPDATE workflow.workflow_instances SET shipped_id = {newest} WHERE id = '{instance}'",
            "stays on its version"
        );
        await RefusedAsync(
            workshop,
            workshop.Administrator,
            $"""
            INSERT INTO workflow.workflow_requests (id, organisation_id, instance_id, kind, reason, asked_by, asked_at,
                to_shipped_id)
            SELECT gen_random_uuid(), access.organisation_id(), '{instance}', 'migrate', 'elsewhere', access.actor_id(),
                now(), id FROM workflow.shipped_definitions WHERE definition_id = 'other'
            """,
            "of the same workflow"
        );
        Assert.Equal(
            new MigrationOutcome.NoInstance(),
            await MigrateAsync(workshop, Guid.Empty, workshop.Administrator)
        );
    }

    static async Task RefusedAsync(Workshop workshop, Secret by, string sql, string why)
    {
        await using var work = await PresentedTransaction.BeginAsync(
            workshop.Database.Sentinel.Psa,
            by,
            CancellationToken.None
        );
        await using var command = work.Command(sql);
        var refused = await Assert.ThrowsAsync<PostgresException>(() =>
            command.ExecuteNonQueryAsync()
        );
        Assert.Contains(why, refused.MessageText, StringComparison.Ordinal);
    }

    static async Task<MigrationOutcome> MigrateAsync(Workshop workshop, Guid instance, Secret by)
    {
        await using var work = await PresentedTransaction.BeginAsync(
            workshop.Database.Sentinel.Psa,
            by,
            CancellationToken.None
        );
        var outcome = await MigrateAsync(workshop, instance, work);
        await work.CommitAsync(CancellationToken.None);
        return outcome;
    }

    static Task<MigrationOutcome> MigrateAsync(
        Workshop workshop,
        Guid instance,
        PresentedTransaction work
    )
    {
        // What is asked for later is done later.
        workshop.Clock.Advance(TimeSpan.FromSeconds(1));
        return new WorkflowRequests(workshop.Activities).MigrateAsync(
            work,
            instance,
            "because",
            workshop.Clock.GetUtcNow(),
            CancellationToken.None
        );
    }

    async Task<Workshop> OpenAsync() => await Workshop.OpenAsync(new ActivityCatalogue([note]));
}
