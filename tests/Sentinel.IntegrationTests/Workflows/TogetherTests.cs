using Npgsql;
using Sentinel.Workflows.Execution;

namespace Sentinel.IntegrationTests.Workflows;

/// <summary>Plain steps of many instances share a transaction; nobody may notice.</summary>
public class TogetherTests
{
    const string Paused =
        "Workflow1 started, flow started, pause started, pause suspended, pause resumed, "
        + "pause completed, a started, a completed, flow completed, Workflow1 completed";

    const string Asked =
        "Workflow1 started, flow started, asked started, asked suspended, asked resumed, "
        + "asked completed, flow completed, Workflow1 completed";

    readonly Counting note = new("Test.Note");

    [Fact]
    public async Task Waiting_and_acting_instances_in_one_round_do_what_each_would_alone()
    {
        await using var workshop = await OpenAsync();
        await workshop.ShipAsync(
            Flow.Of("notes", Flow.Delay("pause", "00:10:00"), Flow.Note("a", "1"))
        );
        await workshop.ShipAsync(Flow.Of("asks", Flow.Event("asked", "answer")));
        List<Guid> instances = [];
        for (var i = 0; i < 20; i++)
            instances.Add(await workshop.StartAsync(i % 2 == 0 ? "notes" : "asks"));

        await workshop.Runner.RunDueAsync(20, TestContext.Current.CancellationToken);
        Assert.Equal(20L, await CountAsync(workshop, "suspended"));
        workshop.Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(10, await workshop.ResumeAsync("Elsa.Event", "answer", "Done"));
        await workshop.RunAsync();

        Assert.Equal(20L, await CountAsync(workshop, "finished"));
        Assert.Equal("1,1,1,1,1,1,1,1,1,1", await workshop.EffectsAsync());
        foreach (var instance in instances)
            Assert.True(await workshop.JournalAsync(instance) is Paused or Asked);
    }

    [Fact]
    public async Task One_that_cannot_be_read_stops_none_of_the_others_and_says_why()
    {
        await using var workshop = await OpenAsync();
        await workshop.ShipAsync(Flow.Of("asks", Flow.Event("asked", "answer")));
        var broken = await workshop.StartAsync("asks");
        for (var i = 0; i < 9; i++)
            await workshop.StartAsync("asks");
        await workshop.Database.RunAsSuperuserAsync(
            $"UPDATE workflow.workflow_instances SET state = '[]' WHERE id = '{broken}'"
        );

        await workshop.RunAsync();

        Assert.Equal(9L, await CountAsync(workshop, "suspended"));
        Assert.NotEqual(
            "",
            await workshop.Database.AskAsSuperuserAsync<string>(
                $"SELECT last_error FROM workflow.workflow_instances WHERE id = '{broken}'"
            )
        );
    }

    [Fact]
    public async Task Whoever_advances_many_waits_for_none_of_them()
    {
        await using var workshop = await OpenAsync();
        await workshop.ShipAsync(Flow.Of("asks", Flow.Event("asked", "answer")));
        var held = await workshop.StartAsync("asks");
        for (var i = 0; i < 9; i++)
            await workshop.StartAsync("asks");
        // What is held cannot be claimed; somebody takes it between the claim and the step.
        await using var holder = new NpgsqlConnection(workshop.Database.SuperuserConnectionString);
        await holder.OpenAsync(TestContext.Current.CancellationToken);
        await using var holding = await holder.BeginTransactionAsync(
            TestContext.Current.CancellationToken
        );
        var runner = workshop.NewRunner(() =>
            Execute(
                holder,
                $"SELECT FROM workflow.workflow_instances WHERE id = '{held}' FOR UPDATE"
            )
        );

        var round = runner.RunDueAsync(10, TestContext.Current.CancellationToken);
        for (var look = 0; look < 100 && await CountAsync(workshop, "suspended") < 9; look++)
            await Task.Delay(50, TestContext.Current.CancellationToken);

        Assert.Equal(9L, await CountAsync(workshop, "suspended"));
        Assert.False(round.IsCompleted);
        await holding.RollbackAsync(TestContext.Current.CancellationToken);
        await round;
        Assert.Equal(10L, await CountAsync(workshop, "suspended"));
    }

    [Theory]
    [InlineData("UPDATE workflow.workflow_instances SET fence = fence + 1", 1)]
    [InlineData(
        "UPDATE workflow.workflow_bookmarks SET resumed_at = now(), outcome = 'Done', outputs = '{}'",
        0
    )]
    public async Task An_answer_that_had_to_wait_for_somebody_who_advances_comes_if_it_is_still_waited_for(
        string meanwhile,
        int answered
    )
    {
        await using var workshop = await OpenAsync();
        await workshop.ShipAsync(Flow.Of("asks", Flow.Event("asked", "answer")));
        await workshop.StartAsync("asks");
        await workshop.RunAsync();
        await using var holder = new NpgsqlConnection(workshop.Database.SuperuserConnectionString);
        await holder.OpenAsync(TestContext.Current.CancellationToken);
        await using var holding = await holder.BeginTransactionAsync(
            TestContext.Current.CancellationToken
        );
        Execute(holder, "SELECT FROM workflow.workflow_instances FOR UPDATE");

        var answer = workshop.ResumeAsync("Elsa.Event", "answer", "Done");
        for (var look = 0; look < 100 && await WaitersAsync(workshop) == 0; look++)
            await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.Equal(1, await WaitersAsync(workshop));
        Execute(holder, meanwhile);
        await holding.CommitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(answered, await answer);
    }

    static Task<long> WaitersAsync(Workshop workshop) =>
        workshop.Database.AskAsSuperuserAsync<long>(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        );

    static void Execute(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    [Fact]
    public async Task A_journal_tells_of_instances_that_exist()
    {
        await using var workshop = await OpenAsync();

        var refused = await Assert.ThrowsAsync<PostgresException>(() =>
            workshop.Database.RunAsSuperuserAsync(
                $"""
                INSERT INTO workflow.workflow_journal (organisation_id, instance_id, number, activity_id,
                    event, round, happened_at)
                VALUES ('{workshop.Organisation}', gen_random_uuid(), 1, 'a', 'started', 1, now())
                """
            )
        );
        Assert.Contains("does not exist", refused.MessageText);
    }

    static Task<long> CountAsync(Workshop workshop, string status) =>
        workshop.Database.AskAsSuperuserAsync<long>(
            $"SELECT count(*) FROM workflow.workflow_instances WHERE status = '{status}'"
        );

    Task<Workshop> OpenAsync() => Workshop.OpenAsync(new ActivityCatalogue([note]));
}
