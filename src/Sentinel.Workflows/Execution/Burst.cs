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
    readonly LoopSteps loops;
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
        loops = new LoopSteps(this);
        steps = new BuiltInSteps(this, loops);
    }

    public WorkflowDefinition Definition { get; }

    public ActivityCatalogue Activities { get; }

    public InstanceState State { get; }

    public DateTimeOffset Now { get; }

    public Evaluator Evaluator { get; }

    public ExecutorStep Run(Stimulus stimulus)
    {
        if (!State.HasEnded || stimulus is Stimulus.Retried)
        {
            Take(stimulus);
            if (!State.HasEnded)
                Unanswered();
            while (call is null && State.Queue.Count > 0 && !State.HasEnded)
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

    /// <summary>It goes no further, whatever it waits for.</summary>
    public ExecutorStep Fail(string why)
    {
        if (!State.HasEnded)
        {
            Guarded(State.Executions[0], () => throw new WorkflowFaultException(why));
            State.Status = InstanceStatus.Faulted;
        }
        return new ExecutorStep(State, rows, call, published);
    }

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
                Guarded(waiting, () => TakeResumed(waiting, bookmark, resumed));
                break;
            case Stimulus.Cancelled cancelled:
                State.Queue.Clear();
                foreach (var execution in InnermostFirst())
                    Cancel(execution, execution.Parent == 0 ? cancelled.Reason : null);
                State.Status = InstanceStatus.Cancelled;
                break;
            case Stimulus.Retried retried:
                State.Status = InstanceStatus.Executing;
                State.Incidents.Clear();
                foreach (var failed in State.Executions.FindAll(HasFailed))
                    Retry(failed, retried.Reason);
                break;
        }
    }

    static bool HasFailed(ActivityExecution execution) =>
        execution.Status == ExecutionStatus.Faulted;

    /// <summary>A loop goes on with its next round; everything else begins again, as a new execution.</summary>
    void Retry(ActivityExecution failed, string reason)
    {
        Record(failed, JournalEvent.Retried, message: reason);
        if (failed.Loop is { })
        {
            failed.Status = ExecutionStatus.Running;
            Guarded(failed, () => loops.Turn(failed, Definition.Nodes[failed.ActivityId]));
            return;
        }
        CancelChildren(failed);
        State.Executions.Remove(failed);
        State.Queue.Add(new WorkItem(failed.ActivityId, failed.Parent, failed.ViaBackward));
    }

    void TakeResumed(ActivityExecution waiting, Bookmark bookmark, Stimulus.Resumed resumed)
    {
        if (bookmark.Name == BuiltInActivities.ExecuteWorkflow && resumed.Outcome != "Done")
            throw new WorkflowFaultException(
                $"The workflow that it waited for ended as {resumed.Outcome}: see instance {bookmark.Key}."
            );
        Complete(waiting, [resumed.Outcome], outputs: resumed.Outputs);
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
                if (Activities.Acting(node.Type) is { } description)
                    Call(execution, node, description);
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
        var description = Activities.Acting(node.Type)!;
        Guarded(execution, () => Call(execution, node, description));
    }

    void Call(ActivityExecution execution, ActivityNode node, ActivityDescription description)
    {
        var inputs = description
            .Inputs.Select(input =>
                (input.Name, Value: Evaluator.Input(node, input.Name, input.Type, execution))
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
        call = new PendingCall(execution.Number, node.Id, node.Type, execution.Round, inputs);
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
        outputs = outputs?.ToDictionary(of => of.Key, of => Values.Keepable(of.Value));
        State.Executions.Remove(execution);
        Record(
            execution,
            JournalEvent.Completed,
            outcomes is ["Done"] ? null : outcomes,
            detail: outputs is { Count: > 0 } ? Values.Of(outputs) : null
        );
        Keep(node, outputs);
        if (State.Find(execution.Parent) is { } parent)
            ChildCompleted(parent, execution, node, outcomes);
    }

    /// <summary>Outputs go to the variables that they are bound to, and can be asked for by the activity.</summary>
    public void Keep(ActivityNode node, IReadOnlyDictionary<string, JsonElement>? outputs)
    {
        if (outputs is not { Count: > 0 })
            return;
        foreach (var (name, value) in outputs)
            if (node.OutputVariable(name) is { } variable)
                Evaluator.Assign(variable, value);
        State.ActivityOutputs[node.Id] = new(outputs);
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
            case BuiltInActivities.While or BuiltInActivities.For or BuiltInActivities.ForEach:
                Guarded(parent, () => loops.Turn(parent, container));
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
    public void Cancel(ActivityExecution execution, string? reason = null)
    {
        if (!State.Executions.Contains(execution) || execution.Status == ExecutionStatus.Faulted)
            return;
        CancelChildren(execution);
        State.Executions.Remove(execution);
        State.Bookmarks.RemoveAll(bookmark => bookmark.Execution == execution.Number);
        Record(execution, JournalEvent.Canceled, message: reason);
    }

    public void CancelChildren(ActivityExecution container)
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
        if (State.HasEnded)
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
