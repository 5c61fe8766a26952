using System.Text.Json.Nodes;
using Npgsql;
using Sentinel.Workflows.Execution;

namespace Sentinel.IntegrationTests.Workflows;

public class DurabilityTests
{
    readonly Counting note = new("Test.Note");

    [Fact]
    public async Task What_the_database_cannot_keep_of_a_text_stops_no_workflow()
    {
        await using var workshop = await OpenAsync();
        await workshop.ShipAsync(
            Flow.Of(
                "nul",
                new
                {
                    id = "note",
                    type = "Test.Note",
                    text = new
                    {
                        expression = new
                        {
                            type = "JavaScript",
                            value = "getInput('Host') + '\\0'",
                        },
                    },
                }
            )
        );
        var instance = await workshop.StartAsync("nul", ("Host", "web\0"));
        await workshop.RunAsync();
        Assert.Equal("finished", await workshop.StatusAsync(instance));
        Assert.Equal("web\ufffd\ufffd", await workshop.EffectsAsync());
    }

    [Fact]
    public async Task Every_effect_commits_with_the_checkpoint_after_it()
    {
        await using var workshop = await OpenAsync();
        await workshop.ShipAsync(Flow.Of("notes", Flow.Note("a", "1"), Flow.Note("b", "2")));
        var instance = await workshop.StartAsync("notes");

        Assert.Equal("", await workshop.EffectsAsync());
        await workshop.RunAsync();

        Assert.Equal("1,2", await workshop.EffectsAsync());
        Assert.Equal("finished", await workshop.StatusAsync(instance));
        Assert.Equal(
            "Workflow1 started, flow started, a started, a completed, b started, b completed, "
                + "flow completed, Workflow1 completed",
            await workshop.JournalAsync(instance)
        );
    }

    [Fact]
    public async Task An_effect_that_fails_is_rolled_back_tried_again_later_and_not_doubled()
    {
        await using var workshop = await OpenAsync();
        await workshop.ShipAsync(Flow.Of("notes", Flow.Note("a", "1"), Flow.Note("b", "2")));
        var instance = await workshop.StartAsync("notes");
        note.FailuresLeft = 2;

        await workshop.RunAsync();
        Assert.Equal("", await workshop.EffectsAsync());
        Assert.Equal("executing", await workshop.StatusAsync(instance));
        for (var attempt = 0; attempt < 3; attempt++)
        {
            workshop.Clock.Advance(TimeSpan.FromMinutes(1));
            await workshop.RunAsync();
        }

        Assert.Equal("1,2", await workshop.EffectsAsync());
        Assert.Equal("finished", await workshop.StatusAsync(instance));
    }

    [Fact]
    public async Task An_activity_that_never_works_is_given_up_and_says_so()
    {
        await using var workshop = await OpenAsync();
        await workshop.ShipAsync(Flow.Of("notes", Flow.Note("a", "1"), Flow.Note("b", "2")));
        var instance = await workshop.StartAsync("notes");
        note.FailuresLeft = int.MaxValue;

        for (var attempt = 0; attempt < 20; attempt++)
        {
            await workshop.RunAsync();
            workshop.Clock.Advance(TimeSpan.FromMinutes(20));
        }

        Assert.Equal("faulted", await workshop.StatusAsync(instance));
        Assert.EndsWith("a faulted", await workshop.JournalAsync(instance));
        Assert.Equal("", await workshop.EffectsAsync());
    }

    [Fact]
    public async Task How_often_an_activity_is_tried_and_when_is_drawn_with_it()
    {
        await using var workshop = await OpenAsync();
        var drawn = JsonNode.Parse(Flow.Of("notes", Flow.Note("a", "1")))!;
        var activity = drawn["root"]!["activities"]![0]!;
        activity["attemptsMax"] = JsonNode.Parse(
            """{"typeName":"Int32","expression":{"type":"Literal","value":"2"}}"""
        );
        activity["backoff"] = JsonNode.Parse(
            """{"typeName":"TimeSpan","expression":{"type":"Literal","value":"00:30:00"}}"""
        );
        await workshop.ShipAsync(drawn.ToJsonString());
        var instance = await workshop.StartAsync("notes");
        note.FailuresLeft = int.MaxValue;

        await workshop.RunAsync();
        workshop.Clock.Advance(TimeSpan.FromMinutes(29));
        await workshop.RunAsync();
        Assert.Equal(1L, await AttemptsAsync(workshop));
        workshop.Clock.Advance(TimeSpan.FromMinutes(2));
        await workshop.RunAsync();
        Assert.Equal(2L, await AttemptsAsync(workshop));
        workshop.Clock.Advance(TimeSpan.FromHours(1));
        await workshop.RunAsync();

        Assert.Equal("faulted", await workshop.StatusAsync(instance));
        Assert.Equal(
            "It was tried 2 times and given up; the last time: The connection to the moon was lost.",
            await workshop.Database.AskAsSuperuserAsync<string>(
                "SELECT message FROM workflow.workflow_journal WHERE event = 'faulted' AND activity_id = 'a'"
            )
        );
    }

    [Theory]
    [InlineData("attemptsMax", "Int32", "0")]
    [InlineData("attemptsMax", "Int32", "21")]
    [InlineData("backoff", "TimeSpan", "-00:00:01")]
    [InlineData("backoff", "TimeSpan", "1.00:00:01")]
    public async Task Trying_again_has_limits_and_the_journal_names_them(
        string input,
        string type,
        string value
    )
    {
        await using var workshop = await OpenAsync();
        var drawn = JsonNode.Parse(Flow.Of("notes", Flow.Note("a", "1")))!;
        drawn["root"]!["activities"]![0]![input] = JsonNode.Parse(
            $$$"""{"typeName":"{{{type}}}","expression":{"type":"Literal","value":"{{{value}}}"}}"""
        );
        await workshop.ShipAsync(drawn.ToJsonString());
        await workshop.StartAsync("notes");

        await workshop.RunAsync();

        Assert.Equal("", await workshop.EffectsAsync());
        Assert.Contains(
            "'attemptsMax' is 1 to 20",
            await workshop.Database.AskAsSuperuserAsync<string>(
                "SELECT message FROM workflow.workflow_journal WHERE event = 'faulted' AND activity_id = 'a'"
            ),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task The_failures_of_one_activity_are_not_held_against_the_next()
    {
        await using var workshop = await OpenAsync();
        var drawn = JsonNode.Parse(Flow.Of("notes", Flow.Note("a", "1"), Flow.Note("b", "2")))!;
        drawn["root"]!["activities"]![1]!["attemptsMax"] = JsonNode.Parse(
            """{"typeName":"Int32","expression":{"type":"Literal","value":"1"}}"""
        );
        await workshop.ShipAsync(drawn.ToJsonString());
        var instance = await workshop.StartAsync("notes");
        note.FailuresLeft = 2;

        for (var attempt = 0; attempt < 4; attempt++)
        {
            await workshop.RunAsync();
            workshop.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal("1,2", await workshop.EffectsAsync());
        Assert.Equal("finished", await workshop.StatusAsync(instance));
    }

    static Task<long> AttemptsAsync(Workshop workshop) =>
        workshop.Database.AskAsSuperuserAsync<long>(
            "SELECT attempts::bigint FROM workflow.workflow_instances"
        );

    [Fact]
    public async Task A_timer_fires_when_it_is_due_and_once_whoever_runs()
    {
        await using var workshop = await OpenAsync();
        await workshop.ShipAsync(
            Flow.Of("later", Flow.Delay("pause", "00:10:00"), Flow.Note("a", "1"))
        );
        var instance = await workshop.StartAsync("later");
        await workshop.RunAsync();

        workshop.Clock.Advance(TimeSpan.FromMinutes(9));
        await workshop.RunAsync();
        Assert.Equal("suspended", await workshop.StatusAsync(instance));
        workshop.Clock.Advance(TimeSpan.FromMinutes(1));
        var rounds = await Task.WhenAll(
            Enumerable
                .Range(0, 4)
                .Select(_ => workshop.NewRunner().RunDueAsync(10, CancellationToken.None))
        );
        await workshop.RunAsync();

        Assert.Equal(1, rounds.Sum(round => round.Timers));
        Assert.Equal("1", await workshop.EffectsAsync());
        Assert.Equal("finished", await workshop.StatusAsync(instance));
    }

    [Fact]
    public async Task A_second_answer_to_the_same_question_changes_nothing()
    {
        await using var workshop = await OpenAsync();
        await workshop.ShipAsync(
            Flow.Of("waits", Flow.Event("wait", "go"), Flow.Note("a", "1"), Flow.Event("w2", "go2"))
        );
        var instance = await workshop.StartAsync("waits");
        await workshop.RunAsync();

        Assert.Equal(0, await workshop.ResumeAsync("Elsa.Event", "GO", "Done"));
        Assert.Equal(1, await workshop.ResumeAsync("Elsa.Event", "go", "Done"));
        Assert.Equal(0, await workshop.ResumeAsync("Elsa.Event", "go", "Done"));
        await workshop.RunAsync();
        Assert.Equal(0, await workshop.ResumeAsync("Elsa.Event", "go", "Done"));
        await workshop.RunAsync();

        Assert.Equal("1", await workshop.EffectsAsync());
        Assert.Equal("suspended", await workshop.StatusAsync(instance));
    }

    [Fact]
    public async Task Many_workers_advance_many_instances_once_each()
    {
        await using var workshop = await OpenAsync();
        await workshop.ShipAsync(Flow.Of("notes", Flow.Note("a", "1"), Flow.Note("b", "2")));
        for (var count = 0; count < 20; count++)
            await workshop.StartAsync("notes");

        await Task.WhenAll(
            Enumerable
                .Range(0, 4)
                .Select(_ => workshop.NewRunner().RunDueAsync(20, CancellationToken.None))
        );
        await workshop.RunAsync();

        Assert.Equal(
            40L,
            await workshop.Database.AskAsSuperuserAsync<long>(
                "SELECT count(DISTINCT key) FROM public.effects"
            )
        );
        Assert.Equal(
            20L,
            await workshop.Database.AskAsSuperuserAsync<long>(
                "SELECT count(*) FROM workflow.workflow_instances WHERE status = 'finished'"
            )
        );
    }

    [Fact]
    public async Task An_instance_that_has_ended_never_goes_on_whoever_writes()
    {
        await using var workshop = await OpenAsync();
        await workshop.ShipAsync(Flow.Of("notes", Flow.Note("a", "1")));
        var instance = await workshop.StartAsync("notes");
        await workshop.RunAsync();

        var refused = await Assert.ThrowsAsync<PostgresException>(() =>
            workshop.Database.RunAsSuperuserAsync(
                $"UPDATE workflow.workflow_instances SET status = 'executing', ended_at = NULL WHERE id = '{instance}'"
            )
        );
        Assert.Contains("never goes on", refused.MessageText);
        await Assert.ThrowsAsync<PostgresException>(() =>
            workshop.Database.RunAsSuperuserAsync("DELETE FROM workflow.workflow_journal")
        );
    }

    Task<Workshop> OpenAsync() => Workshop.OpenAsync(new ActivityCatalogue([note]));
}
