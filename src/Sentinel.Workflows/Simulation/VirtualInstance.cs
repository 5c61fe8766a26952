using System.Text.Json;
using Sentinel.Workflows.Definitions;
using Sentinel.Workflows.Execution;

namespace Sentinel.Workflows.Simulation;

/// <summary>
/// One instance in memory and in virtual time. Activities with effects are not run: those that wait
/// do so until a step resumes them or their time is up, the others are done at once, as the script says.
/// </summary>
/// <param name="answers">What activities answer, by id; one without leaves by its first port.</param>
sealed class VirtualInstance(
    WorkflowDefinition definition,
    ActivityCatalogue activities,
    IReadOnlyDictionary<string, ActivityAnswer> answers
)
{
    const int EventsMax = 1_000;
    static readonly Guid InstanceId = new("00000000-0000-8000-8000-000000000001");

    static readonly DateTimeOffset began = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    readonly Dictionary<string, string> usedTasks = [];
    DateTimeOffset now = began;

    public InstanceState? State { get; private set; }

    public List<SimulatedRow> Journal { get; } = [];

    public int StepNumber { get; private set; } = -1;

    /// <summary>Why the latest step changed nothing, or null.</summary>
    public string? Missed { get; private set; }

    public void Take(ScriptStep step)
    {
        StepNumber++;
        Missed = null;
        switch (step)
        {
            case ScriptStep.StartStep start:
                if (start.Trigger is { } at && !definition.Nodes.ContainsKey(at))
                    Missed = $"there is no activity '{at}' to start at";
                State = WorkflowExecutor.Start(
                    definition,
                    InstanceId,
                    start.Inputs,
                    start.CorrelationId,
                    start.Trigger is { } trigger ? new StartingEvent(trigger, start.Payload) : null
                );
                Run(new Stimulus.Continue());
                break;
            case ScriptStep.EventStep happened:
                if (!Deliver(happened.Event))
                    Missed = $"nothing waits for the event '{happened.Event.Name}'";
                break;
            case ScriptStep.ResumeStep resume:
                var waiting = Open(b =>
                    b.ActivityId == resume.Activity && activities.Acting(b.Name) is not null
                );
                if (waiting is null)
                    Missed = $"nothing waits at '{resume.Activity}'";
                else
                    Resume(
                        waiting,
                        resume.Outcome,
                        resume.Outputs ?? OutputsOf(waiting, resume.Outcome)
                    );
                break;
            case ScriptStep.CompleteTaskStep task:
                Complete(task);
                break;
            case ScriptStep.CancelStep:
                Run(new Stimulus.Cancelled());
                break;
            case ScriptStep.AdvanceStep advance:
                Pass(advance.By);
                break;
        }
        Pass(TimeSpan.Zero);
    }

    void Complete(ScriptStep.CompleteTaskStep task)
    {
        var key = task.Again ? usedTasks.GetValueOrDefault(task.Activity) : null;
        var waiting = Open(b =>
            b.Name == BuiltInActivities.RunTask
            && b.ActivityId == task.Activity
            && (!task.Again || b.Key == key)
        );
        if (waiting is null)
        {
            Missed = $"nothing waits at '{task.Activity}'";
            return;
        }
        usedTasks[task.Activity] = waiting.Key;
        Resume(waiting, "Done", new Dictionary<string, JsonElement> { ["Result"] = task.Given });
    }

    bool Deliver(PublishedEvent happened)
    {
        if (happened.CorrelationId is { } id && id != State!.CorrelationId)
            return false;
        var all = State!.Bookmarks.FindAll(b =>
            b.Name == BuiltInActivities.Event && b.Key == happened.Name
        );
        foreach (var waiting in all)
            Resume(waiting, "Done", happened.Outputs);
        return all.Count > 0;
    }

    void Pass(TimeSpan time)
    {
        var until = now + time;
        while (
            State is { Status: InstanceStatus.Suspended }
            && State.Bookmarks.Where(b => b.DueAt <= until).MinBy(b => b.DueAt) is { } due
        )
        {
            now = due.DueAt > now ? due.DueAt.Value : now;
            Resume(due, due.DueOutcome ?? "Done", new Dictionary<string, JsonElement>());
        }
        now = until;
    }

    void Resume(
        Bookmark waiting,
        string outcome,
        IReadOnlyDictionary<string, JsonElement> outputs
    ) => Run(new Stimulus.Resumed(waiting.Execution, outcome, outputs));

    void Run(Stimulus stimulus)
    {
        var published = new Queue<PublishedEvent>();
        while (true)
        {
            var advance = WorkflowExecutor.Advance(definition, activities, State!, stimulus, now);
            State = advance.State;
            Journal.AddRange(
                advance.Rows.Select(row => new SimulatedRow(StepNumber, now - began, row))
            );
            foreach (var happened in advance.Published)
                published.Enqueue(happened);
            if (advance.Call is not { } call)
                break;
            stimulus = new Stimulus.Answered(call.Execution, Answer(call));
        }
        for (var count = 0; count < EventsMax && published.TryDequeue(out var happened); count++)
            if (happened.Local || happened.CorrelationId is not null)
                Deliver(happened);
    }

    ActivityAnswer Answer(PendingCall call)
    {
        if (answers.GetValueOrDefault(call.ActivityId) is { } scripted)
            return scripted;
        var description = activities.Acting(call.Type)!;
        return description.Waits && !GoesOnAtOnce(call)
            ? new ActivityAnswer.Waiting(
                $"{State!.CorrelationId ?? InstanceId.ToString()}",
                description.Deadline is { } deadline
                && call.Inputs.TryGetValue(deadline.Input, out var limit)
                && Values.AsDuration(limit) is var time
                && time < DateTimeOffset.MaxValue - now
                    ? now + time
                    : null,
                description.Deadline?.Outcome
            )
            : new ActivityAnswer.Completed(description.Outcomes.FirstOrDefault() ?? "Done");
    }

    Dictionary<string, JsonElement> OutputsOf(Bookmark waiting, string outcome) =>
        activities.Acting(waiting.Name)?.Outputs is [var first, ..]
            ? new() { [first] = Values.Of(outcome) }
            : [];

    Bookmark? Open(Predicate<Bookmark> wanted) => State?.Bookmarks.Find(wanted);

    static bool GoesOnAtOnce(PendingCall call) =>
        call.Type == BuiltInActivities.ExecuteWorkflow
        && !Values.AsBoolean(call.Inputs.GetValueOrDefault("waitForCompletion"));
}

/// <param name="Step">Which step of the script it followed from, from 0.</param>
/// <param name="At">Virtual time since the start.</param>
sealed record SimulatedRow(int Step, TimeSpan At, JournalRow Row);
