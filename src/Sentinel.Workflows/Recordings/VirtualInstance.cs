using System.Text.Json;
using Sentinel.Workflows.Definitions;
using Sentinel.Workflows.Execution;

namespace Sentinel.Workflows.Recordings;

/// <summary>
/// One instance in memory and in virtual time. Activities with effects are not run: those that wait
/// do so until a step resumes them, the others are done at once.
/// </summary>
sealed class VirtualInstance(WorkflowDefinition definition, ActivityCatalogue activities)
{
    const int EventsMax = 1_000;
    static readonly Guid InstanceId = new("00000000-0000-8000-8000-000000000001");

    readonly Dictionary<string, string> usedTasks = [];
    DateTimeOffset now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public InstanceState? State { get; private set; }

    public List<(int StepNumber, JournalRow Row)> Journal { get; } = [];

    public int StepNumber { get; private set; } = -1;

    public void Take(RecordedStep step)
    {
        StepNumber++;
        switch (step)
        {
            case RecordedStep.StartStep start:
                State = WorkflowExecutor.Start(
                    definition,
                    InstanceId,
                    start.Inputs,
                    start.CorrelationId,
                    start.Trigger
                );
                Run(new Stimulus.Continue());
                break;
            case RecordedStep.EventStep happened:
                Deliver(happened.Name, happened.CorrelationId, happened.Payload);
                break;
            case RecordedStep.ResumeStep resume:
                var waiting = Open(b => b.ActivityId == resume.Activity && !IsBuiltIn(b));
                if (waiting is not null)
                    Resume(waiting, resume.Outcome, OutputsOf(waiting, resume.Outcome));
                break;
            case RecordedStep.CompleteTaskStep task:
                Complete(task);
                break;
            case RecordedStep.CancelStep:
                Run(new Stimulus.Cancelled());
                break;
            case RecordedStep.AdvanceStep advance:
                Pass(advance.By);
                break;
        }
        Pass(TimeSpan.Zero);
    }

    void Complete(RecordedStep.CompleteTaskStep task)
    {
        var key = task.Again ? usedTasks.GetValueOrDefault(task.Activity) : null;
        var waiting = Open(b =>
            b.ActivityId == task.Activity && (!task.Again || b.Key == key) && IsBuiltIn(b)
        );
        if (waiting is null)
            return;
        usedTasks[task.Activity] = waiting.Key;
        Resume(waiting, "Done", new() { ["Result"] = task.Given });
    }

    void Deliver(string name, string? correlationId, JsonElement payload)
    {
        if (correlationId is not null && correlationId != State!.CorrelationId)
            return;
        foreach (var waiting in State!.Bookmarks.FindAll(b => b.Name == "Elsa.Event"))
            if (waiting.Key == name)
                Resume(
                    waiting,
                    "Done",
                    payload.ValueKind == JsonValueKind.Null ? [] : new() { ["Result"] = payload }
                );
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
            Resume(due, due.DueOutcome ?? "Done", []);
        }
        now = until;
    }

    void Resume(Bookmark waiting, string outcome, Dictionary<string, JsonElement> outputs) =>
        Run(new Stimulus.Resumed(waiting.Execution, outcome, outputs));

    void Run(Stimulus stimulus)
    {
        var published = new Queue<PublishedEvent>();
        while (true)
        {
            var advance = WorkflowExecutor.Advance(definition, activities, State!, stimulus, now);
            State = advance.State;
            Journal.AddRange(advance.Rows.Select(row => (StepNumber, row)));
            foreach (var happened in advance.Published)
                published.Enqueue(happened);
            if (advance.Call is not { } call)
                break;
            stimulus = new Stimulus.Answered(call.Execution, Answer(call));
        }
        for (var count = 0; count < EventsMax && published.TryDequeue(out var happened); count++)
            if (happened.Local || happened.CorrelationId is not null)
                Deliver(happened.Name, happened.CorrelationId, happened.Payload);
    }

    ActivityAnswer Answer(PendingCall call)
    {
        var description = activities.Find(call.Type)!.Description;
        return description.Waits
            ? new ActivityAnswer.Waiting($"{State!.CorrelationId ?? InstanceId.ToString()}")
            : new ActivityAnswer.Completed(description.Outcomes.FirstOrDefault() ?? "Done");
    }

    Dictionary<string, JsonElement> OutputsOf(Bookmark waiting, string outcome) =>
        activities.Find(waiting.Name)?.Description.Outputs is [var first, ..]
            ? new() { [first] = Values.Of(outcome) }
            : [];

    Bookmark? Open(Predicate<Bookmark> wanted) => State?.Bookmarks.Find(wanted);

    static bool IsBuiltIn(Bookmark bookmark) =>
        bookmark.Name.StartsWith("Elsa.", StringComparison.Ordinal);
}
