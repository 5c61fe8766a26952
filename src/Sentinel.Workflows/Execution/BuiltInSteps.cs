using System.Text.Json;
using Sentinel.Workflows.Definitions;

namespace Sentinel.Workflows.Execution;

/// <summary>What the built-in activities do when they begin.</summary>
sealed class BuiltInSteps(Burst burst, LoopSteps loops)
{
    const int CorrelationCharsMax = 200;

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
            case BuiltInActivities.While or BuiltInActivities.For or BuiltInActivities.ForEach:
                loops.Begin(execution, node);
                break;
            case BuiltInActivities.Break:
                loops.Break(execution);
                break;
            case BuiltInActivities.If:
                Choose(execution, node);
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
                var holds = Values.AsBoolean(
                    Input(execution, node, "condition", WorkflowType.Boolean)
                );
                burst.Complete(execution, [holds ? "True" : "False"]);
                break;
            case BuiltInActivities.Switch:
                burst.Complete(execution, Matching(execution, node));
                break;
            case BuiltInActivities.Fork:
                var branches = Input(execution, node, "branches", WorkflowType.Texts);
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
                var value = Input(execution, node, "value", WorkflowType.Any);
                burst.Evaluator.Assign(
                    node.Properties.GetProperty("variable").GetProperty("id").GetString()!,
                    value
                );
                burst.Complete(execution, ["Done"]);
                break;
            case BuiltInActivities.SetOutput:
                var name = Text(execution, node, "outputName");
                State.Outputs[name] = Input(execution, node, "outputValue", WorkflowType.Any);
                burst.Complete(execution, ["Done"]);
                break;
            case BuiltInActivities.Correlate:
                Correlate(execution, node);
                break;
            case BuiltInActivities.Fault:
                var message = Text(execution, node, "message");
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
                burst.Complete(
                    execution,
                    ["Done"],
                    State.TriggerPayload is { } told
                        ? new Dictionary<string, JsonElement> { ["Result"] = told }
                        : null
                );
                break;
            case BuiltInActivities.Event:
                var eventName = Text(execution, node, "eventName");
                burst.Wait(execution, node.Type, eventName, Values.Of(new { eventName }));
                break;
            case BuiltInActivities.RunTask:
                var taskName = Text(execution, node, "taskName");
                var taskId = $"{State.InstanceId:N}-{execution.Number}";
                burst.Wait(execution, node.Type, taskId, Values.Of(new { taskId, taskName }));
                break;
            case BuiltInActivities.Delay:
                WaitUntil(execution, node, After(execution, node, "timeSpan"));
                break;
            case BuiltInActivities.Timer:
                WaitUntil(execution, node, After(execution, node, "interval"));
                break;
            case BuiltInActivities.StartAt:
                var moment = Input(execution, node, "dateTime", WorkflowType.Moment);
                WaitUntil(execution, node, Values.AsMoment(moment));
                break;
            case BuiltInActivities.Cron:
                WaitUntil(execution, node, NextOf(Text(execution, node, "cronExpression")));
                break;
            case BuiltInActivities.PublishEvent:
                burst.Publish(
                    new PublishedEvent(
                        Text(execution, node, "eventName"),
                        Text(execution, node, "correlationId") is { Length: > 0 } id ? id : null,
                        Values.AsBoolean(
                            Input(execution, node, "isLocalEvent", WorkflowType.Boolean)
                        ),
                        Input(execution, node, "payload", WorkflowType.Any)
                    )
                );
                burst.Complete(execution, ["Done"]);
                break;
            default:
                throw new WorkflowFaultException($"'{node.Type}' is not an activity we can run.");
        }
    }

    void Choose(ActivityExecution execution, ActivityNode node)
    {
        var holds = Values.AsBoolean(Input(execution, node, "condition", WorkflowType.Boolean));
        burst.Keep(node, new Dictionary<string, JsonElement> { ["Result"] = Values.Of(holds) });
        if (node.Embedded.TryGetValue(holds ? "then" : "else", out var chosen))
            burst.Schedule(chosen, execution);
        else
            burst.Complete(execution, ["Done"]);
    }

    /// <summary>A moment that has passed is not waited for, and a trigger has fired already.</summary>
    void WaitUntil(ActivityExecution execution, ActivityNode node, DateTimeOffset resumeAt)
    {
        if (
            node.Type == BuiltInActivities.StartAt && resumeAt <= burst.Now
            || node.Type != BuiltInActivities.Delay && IsTrigger(execution, node)
        )
            burst.Complete(execution, ["Done"]);
        else
            burst.Wait(execution, node.Type, "", Values.Of(new { resumeAt }), resumeAt, "Done");
    }

    DateTimeOffset After(ActivityExecution execution, ActivityNode node, string input)
    {
        var time = Values.AsDuration(Input(execution, node, input, WorkflowType.Duration));
        return time < DateTimeOffset.MaxValue - burst.Now
            ? burst.Now + time
            : throw new WorkflowFaultException($"{time} is longer than the calendar goes.");
    }

    DateTimeOffset NextOf(string expression)
    {
        try
        {
            return CronSchedule.Next(expression, burst.Now)
                ?? throw new WorkflowFaultException($"'{expression}' is never due again.");
        }
        catch (FormatException bad)
        {
            throw new WorkflowFaultException(
                "Failed to evaluate activity input 'CronExpression'",
                bad.Message
            );
        }
    }

    void Correlate(ActivityExecution execution, ActivityNode node)
    {
        var correlationId = Text(execution, node, "correlationId");
        if (correlationId.Length is 0 or > CorrelationCharsMax)
            throw new WorkflowFaultException(
                $"A correlation id has 1 to {CorrelationCharsMax} characters."
            );
        State.CorrelationId = correlationId;
        burst.Complete(execution, ["Done"]);
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

    IReadOnlyList<string> Matching(ActivityExecution execution, ActivityNode node)
    {
        var all = Text(execution, node, "mode") == "MatchAny";
        var matching = new List<string>();
        foreach (var item in SwitchCase.Of(node))
            if (
                (all || matching.Count == 0)
                && Values.AsBoolean(
                    burst.Evaluator.Named("cases", item.Condition, WorkflowType.Boolean, execution)
                )
            )
                matching.Add(item.Label);
        return matching.Count > 0 ? matching : ["Default"];
    }

    bool IsTrigger(ActivityExecution execution, ActivityNode node) =>
        node.Id == State.TriggerActivityId && execution.Round == 1;

    JsonElement Input(
        ActivityExecution execution,
        ActivityNode node,
        string name,
        WorkflowType type
    ) => burst.Evaluator.Input(node, name, type, execution);

    string Text(ActivityExecution execution, ActivityNode node, string name) =>
        Values.AsText(Input(execution, node, name, WorkflowType.Text));
}
