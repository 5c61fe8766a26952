using System.Text.Json;
using Sentinel.Workflows.Definitions;

namespace Sentinel.Workflows.Execution;

/// <summary>What the built-in activities do when they begin.</summary>
sealed class BuiltInSteps(Burst burst)
{
    InstanceState State => burst.State;

    public void Run(ActivityExecution execution, ActivityNode node)
    {
        switch (node.Type)
        {
            case BuiltInActivities.Workflow:
                burst.Schedule(node.Activities[0].Id, execution);
                break;
            case BuiltInActivities.Flowchart:
                BeginFlowchart(execution, node);
                break;
            case BuiltInActivities.Sequence:
                Next(execution, node, null);
                break;
            case BuiltInActivities.Finish:
                State.Executions.Remove(execution);
                burst.Record(execution, JournalEvent.Completed);
                burst.FinishAll();
                break;
            case BuiltInActivities.Join:
                new FlowchartWalk(burst, State.Find(execution.Parent)!).Joined(execution);
                burst.Complete(execution, ["Done"]);
                break;
            case BuiltInActivities.FlowDecision:
                var holds = Values.AsBoolean(Input(node, "condition", WorkflowType.Boolean));
                burst.Complete(execution, [holds ? "True" : "False"]);
                break;
            case BuiltInActivities.Switch:
                burst.Complete(execution, Matching(node));
                break;
            case BuiltInActivities.Fork:
                var branches = Input(node, "branches", WorkflowType.Texts);
                burst.Complete(
                    execution,
                    branches.ValueKind == JsonValueKind.Null || branches.GetArrayLength() == 0
                        ? ["Done"]
                        : Values.AsTexts(branches)
                );
                break;
            default:
                RunData(execution, node);
                break;
        }
    }

    void RunData(ActivityExecution execution, ActivityNode node)
    {
        switch (node.Type)
        {
            case BuiltInActivities.SetVariable:
                var value = Input(node, "value", WorkflowType.Any);
                burst.Evaluator.Assign(
                    node.Properties.GetProperty("variable").GetProperty("id").GetString()!,
                    value
                );
                burst.Complete(execution, ["Done"]);
                break;
            case BuiltInActivities.SetOutput:
                var name = Text(node, "outputName");
                State.Outputs[name] = Input(node, "outputValue", WorkflowType.Any);
                burst.Complete(execution, ["Done"]);
                break;
            case BuiltInActivities.Fault:
                var message = Text(node, "message");
                throw new WorkflowFaultException(message.Length > 0 ? message : "It failed.");
            case BuiltInActivities.Start or BuiltInActivities.End:
                burst.Complete(execution, ["Done"]);
                break;
            default:
                RunWait(execution, node);
                break;
        }
    }

    void RunWait(ActivityExecution execution, ActivityNode node)
    {
        switch (node.Type)
        {
            case BuiltInActivities.Event when IsTrigger(execution, node):
                burst.Complete(execution, ["Done"]);
                break;
            case BuiltInActivities.Event:
                var eventName = Text(node, "eventName");
                burst.Wait(execution, node.Type, eventName, Values.Of(new { eventName }));
                break;
            case BuiltInActivities.RunTask:
                var taskName = Text(node, "taskName");
                var taskId = $"{State.InstanceId:N}-{execution.Number}";
                burst.Wait(execution, node.Type, taskId, Values.Of(new { taskId, taskName }));
                break;
            case BuiltInActivities.Delay:
                var resumeAt =
                    burst.Now + Values.AsDuration(Input(node, "timeSpan", WorkflowType.Duration));
                burst.Wait(execution, node.Type, "", Values.Of(new { resumeAt }), resumeAt, "Done");
                break;
            case BuiltInActivities.PublishEvent:
                burst.Publish(
                    new PublishedEvent(
                        Text(node, "eventName"),
                        Text(node, "correlationId") is { Length: > 0 } id ? id : null,
                        Values.AsBoolean(Input(node, "isLocalEvent", WorkflowType.Boolean)),
                        Input(node, "payload", WorkflowType.Any)
                    )
                );
                burst.Complete(execution, ["Done"]);
                break;
            default:
                throw new WorkflowFaultException($"'{node.Type}' is not an activity we can run.");
        }
    }

    /// <summary>The next activity of a sequence, or its end.</summary>
    public void Next(ActivityExecution sequence, ActivityNode container, string? after)
    {
        var children = container.Activities;
        var position = 0;
        while (after is not null && children[position++].Id != after)
            continue;
        if (position < children.Count)
            burst.Schedule(children[position].Id, sequence);
        else
            burst.Complete(sequence, ["Done"]);
    }

    void BeginFlowchart(ActivityExecution execution, ActivityNode node)
    {
        execution.Scope = new FlowScope();
        execution.Start = FlowGraph.StartOf(node, State.TriggerActivityId);
        if (execution.Start is { } start)
            burst.Schedule(start, execution);
        else
            burst.Complete(execution, ["Done"]);
    }

    IReadOnlyList<string> Matching(ActivityNode node)
    {
        var all = Text(node, "mode") == "MatchAny";
        var matching = new List<string>();
        foreach (var item in SwitchCase.Of(node))
            if (
                (all || matching.Count == 0)
                && Values.AsBoolean(
                    burst.Evaluator.Named("cases", item.Condition, WorkflowType.Boolean)
                )
            )
                matching.Add(item.Label);
        return matching.Count > 0 ? matching : ["Default"];
    }

    bool IsTrigger(ActivityExecution execution, ActivityNode node) =>
        node.Id == State.TriggerActivityId && execution.Round == 1;

    JsonElement Input(ActivityNode node, string name, WorkflowType type) =>
        burst.Evaluator.Input(node, name, type);

    string Text(ActivityNode node, string name) =>
        Values.AsText(Input(node, name, WorkflowType.Text));
}
