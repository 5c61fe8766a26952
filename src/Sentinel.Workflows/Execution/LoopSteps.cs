using System.Text.Json;
using Sentinel.Workflows.Definitions;

namespace Sentinel.Workflows.Execution;

/// <summary>While, For and ForEach: how often what stands in them is repeated, and with which value.</summary>
sealed class LoopSteps(Burst burst)
{
    const string CurrentValue = "CurrentValue";

    public void Begin(ActivityExecution loop, ActivityNode node)
    {
        loop.Loop = node.Type switch
        {
            BuiltInActivities.For => Counted(loop, node),
            BuiltInActivities.ForEach => new LoopProgress { Items = Items(loop, node) },
            _ => new LoopProgress(),
        };
        Turn(loop, node);
    }

    /// <summary>The next round, or the end.</summary>
    public void Turn(ActivityExecution loop, ActivityNode node)
    {
        var progress = loop.Loop!;
        var goesOn = node.Type switch
        {
            BuiltInActivities.While => Values.AsBoolean(
                Input(loop, node, "condition", WorkflowType.Boolean)
            ),
            _ => progress.Turn < progress.Turns,
        };
        if (!goesOn)
        {
            burst.Complete(loop, ["Done"]);
            return;
        }
        progress.Turn++;
        if (progress.Current is { } current)
            burst.Keep(node, new Dictionary<string, JsonElement> { [CurrentValue] = current });
        burst.Schedule(node.Embedded["body"], loop);
    }

    /// <summary>Leaves the loop around the activity, with all that still runs in it.</summary>
    public void Break(ActivityExecution execution)
    {
        burst.State.Executions.Remove(execution);
        burst.Record(execution, JournalEvent.Completed);
        var loop =
            burst.State.LoopAround(execution)
            ?? throw new WorkflowFaultException("There is no loop to leave.");
        burst.CancelChildren(loop);
        burst.Complete(loop, ["Done"]);
    }

    LoopProgress Counted(ActivityExecution loop, ActivityNode node)
    {
        var start = Number(loop, node, "start", 0);
        var end = Number(loop, node, "end", 0);
        var step = Number(loop, node, "step", 1);
        var inclusive = Input(loop, node, "outerBoundInclusive", WorkflowType.Boolean);
        if (step == 0)
            throw new WorkflowFaultException("Its step is 0: it would never end.");
        var isInclusive = inclusive.ValueKind == JsonValueKind.Null || Values.AsBoolean(inclusive);
        var rounds = Math.Floor(((decimal)end - start) / step);
        var reachesEnd = start + rounds * step == end;
        return new LoopProgress
        {
            First = start,
            Step = step,
            Turns = (long)
                Math.Clamp(rounds + (reachesEnd && !isInclusive ? 0 : 1), 0, long.MaxValue),
        };
    }

    List<JsonElement> Items(ActivityExecution loop, ActivityNode node)
    {
        var items = Input(loop, node, "items", WorkflowType.Any);
        if (items.ValueKind == JsonValueKind.String)
            items = Listed(items.GetString()!);
        return items.ValueKind switch
        {
            JsonValueKind.Array => [.. items.EnumerateArray()],
            JsonValueKind.Null => [],
            _ => throw new WorkflowFaultException(
                "Failed to evaluate activity input 'Items'",
                "It is no list."
            ),
        };
    }

    /// <summary>A list that came as text, as inputs of a workflow may.</summary>
    static JsonElement Listed(string text)
    {
        try
        {
            return Values.Parse(text);
        }
        catch (JsonException)
        {
            return Values.Of(text);
        }
    }

    long Number(ActivityExecution loop, ActivityNode node, string name, long usual)
    {
        var value = Input(loop, node, name, WorkflowType.Integer);
        return value.ValueKind == JsonValueKind.Null ? usual : value.GetInt64();
    }

    JsonElement Input(ActivityExecution loop, ActivityNode node, string name, WorkflowType type) =>
        burst.Evaluator.Input(node, name, type, loop);
}
