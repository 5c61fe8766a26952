using Sentinel.Psa.Outbound;
using Sentinel.Workflows.Definitions;
using Sentinel.Workflows.Execution;

namespace Sentinel.Psa.Automation;

/// <summary>Sends a message about the case by mail, webhook or chat, and goes on once it was taken.</summary>
sealed class NotifyActivity(TimeProvider clock) : IWorkflowActivity
{
    static readonly TimeSpan usualTime = TimeSpan.FromHours(1);

    public ActivityDescription Description { get; } =
        new(
            OutboundSignal.Notify,
            "Case",
            "Sends a message about the case by mail, webhook or chat.",
            [
                new(
                    "channel",
                    WorkflowType.Text,
                    true,
                    "The name of a connector of the kind mail, webhook or chat."
                ),
                new("subject", WorkflowType.Text, true, "What it is about, in one line."),
                new("text", WorkflowType.Text, Help: "What it says."),
                new("to", WorkflowType.Texts, Help: "For mail: the addresses that it goes to."),
                new("data", WorkflowType.Any, Help: "What a program on the other side may read."),
                new("within", WorkflowType.Duration, Help: "How long it is tried; empty: an hour."),
            ],
            ["Result"],
            ["Sent", "Failed", "TimedOut"],
            Waits: true,
            Deadline: new("within", "TimedOut")
        );

    public Task<ActivityAnswer> RunAsync(ActivityCall call, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var message = new NewMessage(
            call.Text("channel") ?? "",
            call.Inputs.TryGetValue("to", out var to)
                ? [.. to.EnumerateArray().Select(one => one.GetString()!)]
                : [],
            call.Text("subject") ?? "",
            call.Text("text") ?? "",
            call.Inputs.TryGetValue("data", out var data) ? data : null,
            (call.DueIn("within", now) ?? now + usualTime) - now
        );
        return call.InCaseAsync(
            caseId => AskMessage.InAsync(call.Work, caseId, message, now, cancellation),
            asked => new ActivityAnswer.Waiting(asked.Id.ToString())
        );
    }
}
