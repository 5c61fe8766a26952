using System.Text.Json;
using Sentinel.Workflows.Definitions;
using Sentinel.Workflows.Execution;

namespace Sentinel.Tests.Workflows;

/// <summary>However much a drawing wants to keep, an instance stays of a size that a server can carry.</summary>
public class LimitTests
{
    static readonly ActivityCatalogue activities = new([Some.Asking("Test.Ask")]);

    [Theory]
    [InlineData("setVariable('more', 'x'.repeat(70000))", "The variable 'more' would be longer")]
    [InlineData("setV('x'.repeat(70000))", "The variable 'v' would be longer")]
    [InlineData("'x'.repeat(70000)", "It is longer than 65536 characters.")]
    [InlineData(
        "(() => { for (let i = 0; i < 2000; i++) setVariable('more' + i, 1) })()",
        "There are 1000 variables already."
    )]
    public void A_script_keeps_only_so_much(string script, string why)
    {
        var state = Run(Load(script));
        Assert.Equal(InstanceStatus.Faulted, state.Status);
        Assert.StartsWith(why, Assert.Single(state.Incidents).Inner, StringComparison.Ordinal);
    }

    [Fact]
    public void An_instance_that_holds_too_much_fails_and_can_still_be_cancelled()
    {
        var definition = Load("1");
        var state = Run(definition);
        Assert.Equal(InstanceStatus.Suspended, state.Status);
        for (var number = 0; number < 100; number++)
            state.Variables[$"v{number}"] = JsonSerializer.SerializeToElement(
                new string('x', 60_000)
            );

        var cancelled = Advance(definition, state, new Stimulus.Cancelled("too large")).State;
        Assert.Equal(InstanceStatus.Cancelled, cancelled.Status);
        var step = Advance(
            definition,
            state,
            new Stimulus.Resumed(
                state.Bookmarks[0].Execution,
                "Done",
                new Dictionary<string, JsonElement>()
            )
        );

        Assert.Equal(InstanceStatus.Faulted, step.State.Status);
        Assert.StartsWith("It holds more than", step.Rows[^1].Message, StringComparison.Ordinal);
        Assert.Null(step.Call);
    }

    static InstanceState Run(WorkflowDefinition definition)
    {
        var state = WorkflowExecutor.Start(
            definition,
            Guid.Empty,
            new Dictionary<string, JsonElement>(),
            null,
            null
        );
        var step = Advance(definition, state, new Stimulus.Continue());
        return step.Call is { } call
            ? Advance(
                definition,
                step.State,
                new Stimulus.Answered(call.Execution, new ActivityAnswer.Waiting("key"))
            ).State
            : step.State;
    }

    static ExecutorStep Advance(WorkflowDefinition definition, InstanceState state, Stimulus on) =>
        WorkflowExecutor.Advance(definition, activities, state, on, default);

    /// <summary>Sets a variable by the script, and waits.</summary>
    static WorkflowDefinition Load(string script)
    {
        var loaded = activities.Load(
            $$$$"""
            {"definitionId":"limits","variables":[{"id":"v","name":"v","typeName":"String","value":""}],
             "root":{"id":"flow","type":"Elsa.Flowchart","activities":[
              {"id":"set","type":"Elsa.SetVariable","variable":{"id":"v"},
               "value":{"expression":{"type":"JavaScript","value":{{{{JsonSerializer.Serialize(
                script
            )}}}}}}},
              {"id":"ask","type":"Test.Ask"}],
              "connections":[{"source":"set","sourcePort":"Done","target":"ask"}]}}
            """
        );
        Assert.Empty(loaded.Problems);
        return loaded.Definition!;
    }
}
