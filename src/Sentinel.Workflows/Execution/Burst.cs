using System.Text.Json;
using Sentinel.Workflows.Definitions;

namespace Sentinel.Workflows.Execution;

/// <summary>
/// One run through the queue, first in first out, so that branches interleave breadth first.
/// How an execution begins and ends; flowcharts are walked by <see cref="FlowchartWalk"/>.
/// </summary>
sealed class Burst
{
    const int StepsMax = 10_000;

    readonly List<JournalRow> rows = [];
    readonly List<PublishedEvent> published = [];
    readonly BuiltInSteps steps;
    PendingCall? call;

    public Burst(
        WorkflowDefinition definition,
        ActivityCatalogue activities,
        InstanceState state,
        DateTimeOffset now
    )
    {
        Definition = definition;
        Activities = activities;
        State = state;
        Now = now;
        Evaluator = new Evaluator(definition, state);
        steps = new BuiltInSteps(this);
    }

    public WorkflowDefinition Definition { get; }

    public ActivityCatalogue Activities { get; }

    public InstanceState State { get; }

    public DateTimeOffset Now { get; }

    public Evaluator Evaluator { get; }

    public ExecutorStep Run(Stimulus stimulus)
    {
        if (State.Status is InstanceStatus.Executing or InstanceStatus.Suspended)
        {
            Take(stimulus);
            if (!IsOver)
                Unanswered();
            while (call is null && State.Queue.Count > 0 && !IsOver)
            {
                var item = State.Queue[0];
                State.Queue.RemoveAt(0);
                Begin(item);
            }
            if (call is null)
                Settle();
        }
        return new ExecutorStep(State, rows, call, published);
    }

    bool IsOver =>
        State.Status
            is InstanceStatus.Finished
                or InstanceStatus.Faulted
                or InstanceStatus.Cancelled;

    void Take(Stimulus stimulus)
    {
        switch (stimulus)
        {
            case Stimulus.Answered answered
                when State.Find(answered.Execution)
                    is { Status: ExecutionStatus.Calling } execution:
                Guarded(execution, () => TakeAnswer(execution, answered.Answer));
                break;
            case Stimulus.Resumed resumed
                when State.Bookmarks.Find(b => b.Execution == resumed.Execution) is { } bookmark:
                State.Status = InstanceStatus.Executing;
                State.Bookmarks.Remove(bookmark);
                var waiting = State.Find(bookmark.Execution)!;
                Record(waiting, JournalEvent.Resumed);
                Guarded(
                    waiting,
                    () => Complete(waiting, [resumed.Outcome], outputs: resumed.Outputs)
                );
                break;
            case Stimulus.Cancelled:
                State.Queue.Clear();
                foreach (var execution in InnermostFirst())
                    Cancel(execution);
                State.Status = InstanceStatus.Cancelled;
                break;
        }
    }

    void TakeAnswer(ActivityExecution execution, ActivityAnswer answer)
    {
        switch (answer)
        {
            case ActivityAnswer.Completed completed:
                Complete(execution, [completed.Outcome], outputs: completed.Outputs);
                break;
            case ActivityAnswer.Waiting waiting:
                var type = Definition.Nodes[execution.ActivityId].Type;
                Wait(execution, type, waiting.Key, Values.Null, waiting.DueAt, waiting.DueOutcome);
                break;
            case ActivityAnswer.Failed failed:
                throw new WorkflowFaultException(failed.Reason);
        }
    }

    void Begin(WorkItem item)
    {
        var node = Definition.Nodes[item.ActivityId];
        var execution = new ActivityExecution
        {
            Number = ++State.LastExecution,
            ActivityId = node.Id,
            Parent = item.Parent,
            ViaBackward = item.ViaBackward,
            Round = State.Rounds[node.Id] = State.Rounds.GetValueOrDefault(node.Id) + 1,
        };
        State.Executions.Add(execution);
        Record(execution, JournalEvent.Started);
        Guarded(
            execution,
            () =>
            {
                if (++State.Steps > StepsMax)
                    throw new WorkflowFaultException($"More than {StepsMax} steps: is it a loop?");
                if (Activities.Find(node.Type) is { } activity)
                    Call(execution, node, activity.Description);
                else
                    steps.Run(execution, node);
            }
        );
    }

    /// <summary>After a restart: the call that was begun before, with the same key.</summary>
    void Unanswered()
    {
        if (State.Executions.Find(e => e.Status == ExecutionStatus.Calling) is not { } execution)
            return;
        var node = Definition.Nodes[execution.ActivityId];
        var description = Activities.Find(node.Type)!.Description;
        Guarded(execution, () => Call(execution, node, description));
    }

    void Call(ActivityExecution execution, ActivityNode node, ActivityDescription description)
    {
        var inputs = description
            .Inputs.Select(input =>
                (input.Name, Value: Evaluator.Input(node, input.Name, input.Type))
            )
            .Where(input => input.Value.ValueKind != JsonValueKind.Null)
            .ToDictionary(input => input.Name, input => input.Value);
        execution.Status = ExecutionStatus.Calling;
        // After a restart its beginning is in the journal already.
        if (
            inputs.Count > 0
            && rows is [.., { Event: JournalEvent.Started } begun]
            && begun.ActivityId == node.Id
        )
            rows[^1] = begun with { Detail = Values.Of(inputs) };
        call = new PendingCall(execution.Number, node.Id, node.Type, inputs);
    }

    public void Schedule(string activity, ActivityExecution parent, bool viaBackward = false) =>
        State.Queue.Add(new WorkItem(activity, parent.Number, viaBackward));

    public void Wait(
        ActivityExecution execution,
        string name,
        string key,
        JsonElement payload,
        DateTimeOffset? dueAt = null,
        string? dueOutcome = null
    )
    {
        execution.Status = ExecutionStatus.Waiting;
        State.Bookmarks.Add(
            new(execution.Number, execution.ActivityId, name, key, payload, dueAt, dueOutcome)
        );
        Record(execution, JournalEvent.Suspended);
    }

    public void Publish(PublishedEvent happened) => published.Add(happened);

    public void Complete(
        ActivityExecution execution,
        IReadOnlyList<string> outcomes,
        IReadOnlyDictionary<string, JsonElement>? outputs = null
    )
    {
        var node = Definition.Nodes[execution.ActivityId];
        State.Executions.Remove(execution);
        Record(
            execution,
            JournalEvent.Completed,
            outcomes is ["Done"] ? null : outcomes,
            detail: outputs is { Count: > 0 } ? Values.Of(outputs) : null
        );
        foreach (var (name, value) in outputs ?? new Dictionary<string, JsonElement>())
            if (node.OutputVariable(name) is { } variable)
                Evaluator.Assign(variable, value);
        if (outputs is { Count: > 0 })
            State.ActivityOutputs[node.Id] = new(outputs);
        if (State.Find(execution.Parent) is { } parent)
            ChildCompleted(parent, execution, node, outcomes);
    }

    void ChildCompleted(
        ActivityExecution parent,
        ActivityExecution child,
        ActivityNode node,
        IReadOnlyList<string> outcomes
    )
    {
        var container = Definition.Nodes[parent.ActivityId];
        switch (container.Type)
        {
            case BuiltInActivities.Flowchart when node.Type == BuiltInActivities.End:
                CancelChildren(parent);
                Complete(parent, ["Done"]);
                break;
            case BuiltInActivities.Flowchart:
                var walk = new FlowchartWalk(this, parent);
                walk.Leave(child, outcomes);
                CompleteIfIdle(parent);
                break;
            case BuiltInActivities.Sequence:
                steps.Next(parent, container, node.Id);
                break;
            default:
                Complete(parent, ["Done"]);
                break;
        }
    }

    void CompleteIfIdle(ActivityExecution flowchart)
    {
        var busy =
            State.Queue.Exists(item => item.Parent == flowchart.Number)
            || State.Executions.Exists(execution => execution.Parent == flowchart.Number);
        if (!busy && State.Executions.Contains(flowchart))
            Complete(flowchart, ["Done"]);
    }

    /// <summary>Ends an execution and all in it; what cannot follow any more is told so.</summary>
    public void Cancel(ActivityExecution execution)
    {
        if (!State.Executions.Contains(execution) || execution.Status == ExecutionStatus.Faulted)
            return;
        CancelChildren(execution);
        State.Executions.Remove(execution);
        State.Bookmarks.RemoveAll(bookmark => bookmark.Execution == execution.Number);
        Record(execution, JournalEvent.Canceled);
    }

    void CancelChildren(ActivityExecution container)
    {
        State.Queue.RemoveAll(item => item.Parent == container.Number);
        foreach (var child in State.Executions.FindAll(e => e.Parent == container.Number))
            Cancel(child);
    }

    /// <summary>Finish: what waits is cancelled, what contains it is complete, nothing else runs.</summary>
    public void FinishAll()
    {
        State.Queue.Clear();
        foreach (var execution in InnermostFirst())
            if (Definition.Nodes[execution.ActivityId].Activities.Count == 0)
                Cancel(execution);
        foreach (var container in InnermostFirst().Where(e => e.Status == ExecutionStatus.Running))
        {
            State.Executions.Remove(container);
            Record(container, JournalEvent.Completed);
        }
        State.Status = InstanceStatus.Finished;
    }

    List<ActivityExecution> InnermostFirst() =>
        [.. State.Executions.OrderByDescending(execution => execution.Number)];

    void Guarded(ActivityExecution execution, Action action)
    {
        try
        {
            action();
        }
        catch (WorkflowFaultException fault)
        {
            execution.Status = ExecutionStatus.Faulted;
            if (!State.Executions.Contains(execution))
                State.Executions.Add(execution);
            State.Incidents.Add(
                new Incident(execution.ActivityId, execution.Number, fault.Message, fault.Inner)
            );
            var message = fault.Inner is null ? fault.Message : $"{fault.Message}: {fault.Inner}";
            Record(execution, JournalEvent.Faulted, message: message);
        }
    }

    /// <summary>Nothing is queued: has it ended, and how, or does it wait?</summary>
    void Settle()
    {
        if (IsOver)
            return;
        var waits = State.Executions.Exists(execution =>
            execution.Status is ExecutionStatus.Waiting
        );
        State.Status =
            State.Executions.Count == 0 ? InstanceStatus.Finished
            : State.Incidents.Count > 0
            && (!waits || Definition.Incidents == IncidentStrategy.Fault)
                ? InstanceStatus.Faulted
            : InstanceStatus.Suspended;
    }

    public void Record(
        ActivityExecution execution,
        JournalEvent happened,
        IReadOnlyList<string>? outcomes = null,
        string? message = null,
        JsonElement? detail = null
    ) =>
        rows.Add(
            new(
                ++State.LastRow,
                execution.ActivityId,
                happened,
                execution.Round,
                outcomes,
                message,
                detail
            )
        );
}
