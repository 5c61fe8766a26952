using System.Text.Json;
using Npgsql;
using Sentinel.Postgres.Access;
using Sentinel.Workflows;
using Sentinel.Workflows.Execution;

namespace Sentinel.IntegrationTests.Workflows;

/// <summary>Workflows that start others, that are cancelled, and that try again what failed.</summary>
public class SteeringTests
{
    readonly Counting note = new("Test.Note");

    [Fact]
    public async Task A_workflow_waits_for_the_one_it_started_and_takes_its_outputs()
    {
        await using var workshop = await OpenAsync();
        await workshop.ShipAsync(Output("below", Flow.Event("wait", "go")));
        await workshop.ShipAsync(
            Flow.Of("above", Execute("child", "below", waits: true), Flow.Note("after", "after"))
        );
        var above = await workshop.StartAsync("above", ("Host", "web-1"));
        await workshop.RunAsync();

        var below = await BelowAsync(workshop);
        Assert.Equal("suspended", await workshop.StatusAsync(above));
        Assert.Equal("""{"Host":"web-1","Why":"asked"}""", await InputsAsync(workshop, below));

        await workshop.ResumeAsync("Elsa.Event", "go", "Done");
        await workshop.RunAsync();

        Assert.Equal("finished", await workshop.StatusAsync(below));
        Assert.Equal("finished", await workshop.StatusAsync(above));
        Assert.Equal("after", await workshop.EffectsAsync());
        Assert.Equal(
            """{"Result":{"Answer":"42"}}""",
            await workshop.Database.AskAsSuperuserAsync<string>(
                $"SELECT detail::text FROM workflow.workflow_journal WHERE instance_id = '{above}' AND activity_id = 'child' AND event = 'completed'"
            )
        );
    }

    [Fact]
    public async Task One_that_is_not_waited_for_runs_beside_it()
    {
        await using var workshop = await OpenAsync();
        await workshop.ShipAsync(
            Flow.Of("below", Flow.Event("wait", "go"), Flow.Note("late", "below"))
        );
        await workshop.ShipAsync(
            Flow.Of("above", Execute("child", "below", waits: false), Flow.Note("after", "above"))
        );
        var above = await workshop.StartAsync("above");
        await workshop.RunAsync();
        Assert.Equal("finished", await workshop.StatusAsync(above));
        await workshop.ResumeAsync("Elsa.Event", "go", "Done");
        await workshop.RunAsync();
        Assert.Equal("above,below", await workshop.EffectsAsync());
    }

    [Fact]
    public async Task What_failed_below_is_the_fault_of_the_activity_above_and_can_be_tried_again()
    {
        await using var workshop = await OpenAsync();
        await workshop.ShipAsync(Flow.Of("below", Fault("fault")));
        await workshop.ShipAsync(Flow.Of("above", Execute("child", "below", waits: true)));
        var above = await workshop.StartAsync("above");
        await workshop.RunAsync();
        Assert.Equal("faulted", await workshop.StatusAsync(above));
        var below = await BelowAsync(workshop);
        Assert.Contains(
            "child faulted",
            await workshop.JournalAsync(above),
            StringComparison.Ordinal
        );

        await AskAsync(workshop, above, isRetry: true);
        await workshop.RunAsync();

        Assert.Equal("faulted", await workshop.StatusAsync(above));
        Assert.Equal(
            2L,
            await workshop.Database.AskAsSuperuserAsync<long>(
                $"SELECT count(*) FROM workflow.workflow_instances WHERE root_id = '{above}'"
            )
        );
        Assert.Equal("faulted", await workshop.StatusAsync(below));
    }

    [Fact]
    public async Task Workflows_that_start_each_other_come_to_an_end()
    {
        await using var workshop = await OpenAsync();
        await workshop.ShipAsync(Flow.Of("ring", Execute("again", "ring", waits: true)));
        var first = await workshop.StartAsync("ring");
        await workshop.RunAsync();
        Assert.Equal("faulted", await workshop.StatusAsync(first));
        Assert.Equal(
            9L,
            await workshop.Database.AskAsSuperuserAsync<long>(
                "SELECT count(*) FROM workflow.workflow_instances WHERE status = 'faulted'"
            )
        );
    }

    [Fact]
    public async Task A_workflow_starts_only_so_many_others()
    {
        await using var workshop = await OpenAsync();
        await workshop.ShipAsync(Flow.Of("below", Flow.Note("note", "below")));
        await workshop.ShipAsync(
            Flow.Of("above", Flow.Event("wait", "go"), Execute("child", "below", waits: false))
        );
        var above = await workshop.StartAsync("above");
        await workshop.RunAsync();
        // As if it had been at it for long.
        await workshop.Database.RunAsSuperuserAsync(
            $"""
            INSERT INTO workflow.workflow_instances (id, organisation_id, shipped_id, inputs, started_by, started_at,
                status, state, ended_at, root_id)
            SELECT gen_random_uuid(), organisation_id, shipped_id, inputs, started_by, started_at, 'finished', state,
                started_at, id
            FROM workflow.workflow_instances, generate_series(1, 1000) WHERE id = '{above}'
            """
        );
        await workshop.ResumeAsync("Elsa.Event", "go", "Done");
        await workshop.RunAsync();

        Assert.Equal("faulted", await workshop.StatusAsync(above));
        Assert.Contains(
            "child faulted",
            await workshop.JournalAsync(above),
            StringComparison.Ordinal
        );
        Assert.Equal("", await workshop.EffectsAsync());
    }

    [Fact]
    public async Task Cancelling_takes_back_what_is_waited_for_and_the_workflows_below()
    {
        await using var workshop = await OpenAsync();
        await workshop.ShipAsync(
            Flow.Of("below", Flow.Event("wait", "go"), Flow.Note("late", "late"))
        );
        await workshop.ShipAsync(Flow.Of("above", Execute("child", "below", waits: true)));
        var above = await workshop.StartAsync("above");
        await workshop.RunAsync();
        var below = await BelowAsync(workshop);

        await AskAsync(workshop, above, isRetry: false);
        await workshop.RunAsync();

        Assert.Equal("cancelled", await workshop.StatusAsync(above));
        Assert.Equal("cancelled", await workshop.StatusAsync(below));
        Assert.Equal(0, await workshop.ResumeAsync("Elsa.Event", "go", "Done"));
        Assert.Equal(
            "because",
            await workshop.Database.AskAsSuperuserAsync<string>(
                $"SELECT message FROM workflow.workflow_journal WHERE instance_id = '{above}' AND activity_id = 'Workflow1' AND event = 'canceled'"
            )
        );

        await AskAsync(workshop, above, isRetry: true);
        await workshop.RunAsync();
        Assert.Equal("cancelled", await workshop.StatusAsync(above));
        Assert.Equal(
            "Nothing of it has failed.",
            await workshop.Database.AskAsSuperuserAsync<string>(
                "SELECT refused FROM workflow.workflow_requests WHERE kind = 'retry'"
            )
        );
    }

    [Fact]
    public async Task What_failed_begins_again_and_what_was_done_stays_done()
    {
        await using var workshop = await OpenAsync();
        await workshop.ShipAsync(
            Flow.Of("notes", Flow.Note("a", "1"), Flow.Note("b", "2"), Flow.Note("c", "3"))
        );
        var instance = await workshop.StartAsync("notes");
        note.Refusals["2"] = "The moon is down.";
        await workshop.RunAsync();
        Assert.Equal("faulted", await workshop.StatusAsync(instance));
        Assert.Equal("1", await workshop.EffectsAsync());

        note.Refusals.Clear();
        await AskAsync(workshop, instance, isRetry: true);
        await workshop.RunAsync();

        Assert.Equal("finished", await workshop.StatusAsync(instance));
        Assert.Equal("1,2,3", await workshop.EffectsAsync());
        Assert.Contains(
            "b faulted, b retried, b started, b completed",
            await workshop.JournalAsync(instance),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Answers_and_timers_that_come_while_it_has_failed_are_kept_for_the_retry()
    {
        await using var workshop = await OpenAsync();
        await workshop.ShipAsync(
            Parallel(
                "both",
                Flow.Note("a", "1"),
                Flow.Event("wait", "go"),
                Flow.Delay("delay", "00:10:00")
            )
        );
        var instance = await workshop.StartAsync("both");
        note.Refusals["1"] = "The moon is down.";
        await workshop.RunAsync();
        Assert.Equal("faulted", await workshop.StatusAsync(instance));
        await workshop.ResumeAsync("Elsa.Event", "go", "Done");
        workshop.Clock.Advance(TimeSpan.FromMinutes(11));
        await workshop.RunAsync();
        Assert.Equal("faulted", await workshop.StatusAsync(instance));

        note.Refusals.Clear();
        await AskAsync(workshop, instance, isRetry: true);
        await workshop.RunAsync();

        Assert.Equal("finished", await workshop.StatusAsync(instance));
    }

    [Fact]
    public async Task A_machine_asks_for_neither_and_what_has_ended_otherwise_never_goes_on()
    {
        await using var workshop = await OpenAsync();
        await workshop.ShipAsync(Flow.Of("notes", Flow.Note("a", "1")));
        var instance = await workshop.StartAsync("notes");
        await workshop.RunAsync();
        await Assert.ThrowsAsync<PostgresException>(() =>
            AskAsync(workshop, instance, isRetry: true, workshop.Machine("workflow"))
        );
        await AskAsync(workshop, instance, isRetry: true);
        await using var work = await PresentedTransaction.BeginAsync(
            workshop.Database.Sentinel.Psa,
            workshop.Machine("workflow"),
            CancellationToken.None
        );
        await using var command = work.Command(
            $"UPDATE workflow.workflow_instances SET status = 'executing', ended_at = NULL WHERE id = '{instance}'"
        );
        await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync());
    }

    async Task<Workshop> OpenAsync() => await Workshop.OpenAsync(new ActivityCatalogue([note]));

    internal static async Task AskAsync(
        Workshop workshop,
        Guid instance,
        bool isRetry,
        Secret? by = null
    )
    {
        workshop.Clock.Advance(TimeSpan.FromSeconds(1));
        await using var work = await PresentedTransaction.BeginAsync(
            workshop.Database.Sentinel.Psa,
            by ?? workshop.Administrator,
            CancellationToken.None
        );
        Assert.True(
            await WorkflowRequests.AskAsync(
                work,
                instance,
                isRetry,
                "because",
                workshop.Clock.GetUtcNow(),
                CancellationToken.None
            )
        );
        await work.CommitAsync(CancellationToken.None);
    }

    static Task<Guid> BelowAsync(Workshop workshop) =>
        workshop.Database.AskAsSuperuserAsync<Guid>(
            "SELECT id FROM workflow.workflow_instances WHERE root_id IS NOT NULL ORDER BY id LIMIT 1"
        );

    static Task<string> InputsAsync(Workshop workshop, Guid instance) =>
        workshop.Database.AskAsSuperuserAsync<string>(
            $"SELECT inputs::text FROM workflow.workflow_instances WHERE id = '{instance}'"
        );

    static object Execute(string id, string definition, bool waits) =>
        new
        {
            id,
            type = "Elsa.ExecuteWorkflow",
            workflowDefinitionId = Value(definition),
            waitForCompletion = Value(waits),
            input = Value(new { Why = "asked" }),
        };

    static object Fault(string id) =>
        new
        {
            id,
            type = "Elsa.Fault",
            message = Value("No."),
        };

    static string Output(string definitionId, object before) =>
        Flow.Of(
            definitionId,
            before,
            new
            {
                id = "output",
                type = "Elsa.SetOutput",
                outputName = Value("Answer"),
                outputValue = Value("42"),
            }
        );

    static object Value(object value) => new { expression = new { type = "Literal", value } };

    static string Parallel(string definitionId, params object[] branches) =>
        JsonSerializer.Serialize(
            new
            {
                definitionId,
                root = new
                {
                    id = "flow",
                    type = "Elsa.Flowchart",
                    activities = branches.Prepend(new { id = "begin", type = "Elsa.Start" }),
                    connections = branches.Select(branch => new
                    {
                        source = new { activity = "begin", port = "Done" },
                        target = new
                        {
                            activity = JsonSerializer
                                .SerializeToElement(branch)
                                .GetProperty("id")
                                .GetString(),
                            port = "In",
                        },
                    }),
                },
            }
        );
}
