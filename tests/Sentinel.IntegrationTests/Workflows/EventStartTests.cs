using System.Text.Json;

namespace Sentinel.IntegrationTests.Workflows;

/// <summary>Workflows that begin with an event that another one publishes.</summary>
public class EventStartTests
{
    readonly Counting note = new("Test.Note");

    [Fact]
    public async Task What_is_drawn_to_begin_with_it_starts_once_with_the_inputs_and_what_was_told()
    {
        await using var workshop = await OpenAsync();
        await workshop.ShipAsync(Flow.Of("hears", Trigger("t", "go"), Told("said", "t")));
        await workshop.ShipAsync(Flow.Of("waits", Flow.Event("w", "go"), Flow.Note("n", "waited")));
        await workshop.ShipAsync(Flow.Of("deaf", Trigger("t", "Go"), Flow.Note("n", "deaf")));
        await workshop.ShipAsync(
            Flow.Of("tells", Publish("p", "go", "gone"), Flow.Note("n", "told"))
        );
        var waiting = await workshop.StartAsync("waits");
        await workshop.RunAsync();

        var above = await workshop.StartAsync("tells", ("Host", "web-1"));
        await workshop.RunAsync();

        Assert.Equal("finished", await workshop.StatusAsync(above));
        Assert.Equal("finished", await workshop.StatusAsync(waiting));
        Assert.Equal(
            """hears finished {"Host":"web-1"} correlated""",
            await workshop.Database.AskAsSuperuserAsync<string>(
                $"""
                SELECT string_agg(concat_ws(' ', d.definition_id, status, inputs::text, correlation_id), ', ')
                FROM workflow.workflow_instances i JOIN workflow.shipped_definitions d ON d.id = i.shipped_id
                WHERE root_id = '{above}'
                """
            )
        );
        Assert.Equal(
            ["gone", "told", "waited"],
            (await workshop.EffectsAsync()).Split(',').Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task Only_the_version_counts_that_new_instances_start_with()
    {
        await using var workshop = await OpenAsync();
        await workshop.ShipAsync(Flow.Of("hears", Trigger("t", "go"), Flow.Note("n", "first")));
        await workshop.ShipAsync(Flow.Of("hears", Trigger("t", "other"), Flow.Note("n", "second")));
        await workshop.ShipAsync(Flow.Of("tells", Publish("p", "go", "gone")));
        await workshop.StartAsync("tells");
        await workshop.RunAsync();
        Assert.Equal("", await workshop.EffectsAsync());

        await workshop.ShipAsync(Flow.Of("tells", Publish("p", "other", "gone")));
        await workshop.StartAsync("tells");
        await workshop.RunAsync();
        Assert.Equal("second", await workshop.EffectsAsync());
    }

    [Fact]
    public async Task What_an_instance_tells_itself_alone_starts_nothing()
    {
        await using var workshop = await OpenAsync();
        await workshop.ShipAsync(Flow.Of("hears", Trigger("t", "go"), Flow.Note("n", "heard")));
        await workshop.ShipAsync(Flow.Of("tells", Publish("p", "go", "gone", isLocal: true)));
        await workshop.StartAsync("tells");
        await workshop.RunAsync();
        Assert.Equal("", await workshop.EffectsAsync());
    }

    [Fact]
    public async Task A_version_that_cannot_be_read_any_more_keeps_no_event_from_being_heard()
    {
        await using var workshop = await OpenAsync();
        await workshop.ShipAsync(Flow.Of("gone", Flow.Note("n", "gone")));
        await workshop.ShipAsync(Flow.Of("hears", Trigger("t", "go"), Flow.Note("n", "heard")));
        await workshop.ShipAsync(Flow.Of("tells", Publish("p", "go", "gone")));
        // As a newer program finds it that has lost the activity.
        await workshop.Database.RunAsSuperuserAsync(
            """
            ALTER TABLE workflow.shipped_definitions DISABLE TRIGGER ALL;
            UPDATE workflow.shipped_definitions SET json = replace(json, 'Test.Note', 'Test.Lost'),
                sha256 = encode(sha256(convert_to(replace(json, 'Test.Note', 'Test.Lost'), 'UTF8')), 'hex')
            WHERE definition_id = 'gone'
            """
        );
        await workshop.StartAsync("tells");
        await workshop.RunAsync();
        Assert.Equal("heard", await workshop.EffectsAsync());
    }

    [Fact]
    public async Task Workflows_that_start_each_other_by_events_come_to_an_end_and_the_journal_says_so()
    {
        await using var workshop = await OpenAsync();
        await workshop.ShipAsync(
            Flow.Of("ring", Trigger("t", "again"), Publish("p", "again", "gone"))
        );
        await workshop.ShipAsync(Flow.Of("tells", Publish("p", "again", "gone")));
        await workshop.StartAsync("tells");
        await workshop.RunAsync();

        Assert.Equal(
            8L,
            await workshop.Database.AskAsSuperuserAsync<long>(
                "SELECT count(*) FROM workflow.workflow_instances WHERE root_id IS NOT NULL AND status = 'finished'"
            )
        );
        Assert.Equal(
            "The event 'again' did not start ring: 8 workflows are above it already: do they start each other?",
            await workshop.Database.AskAsSuperuserAsync<string>(
                "SELECT string_agg(message, '; ') FROM workflow.workflow_journal WHERE event = 'refused'"
            )
        );
    }

    static object Trigger(string id, string name) =>
        new
        {
            id,
            type = "Elsa.Event",
            customProperties = new { canStartWorkflow = true },
            eventName = Literal(name),
        };

    static object Publish(string id, string name, string told, bool isLocal = false) =>
        new
        {
            id,
            type = "Elsa.PublishEvent",
            eventName = Literal(name),
            payload = Literal(told),
            isLocalEvent = new { expression = new { type = "Literal", value = isLocal } },
        };

    static object Told(string id, string trigger) =>
        new
        {
            id,
            type = "Test.Note",
            text = new
            {
                expression = new
                {
                    type = "JavaScript",
                    value = $"getOutputFrom('{trigger}', 'Result')",
                },
            },
        };

    static JsonElement Literal(string value) =>
        JsonSerializer.SerializeToElement(new { expression = new { type = "Literal", value } });

    async Task<Workshop> OpenAsync() => await Workshop.OpenAsync(new([note]));
}
