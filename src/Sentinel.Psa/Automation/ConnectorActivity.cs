using System.Text.Json;
using System.Text.Json.Nodes;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Outbound;
using Sentinel.Psa.Tasks;
using Sentinel.Workflows.Definitions;
using Sentinel.Workflows.Execution;

namespace Sentinel.Psa.Automation;

/// <summary>
/// Asks a connector to act, for a task of its own, and waits for how it went. The task, the step and the
/// output stay in the case; deciding what follows from them is for whoever comes next.
/// </summary>
sealed class ConnectorActivity : IWorkflowActivity
{
    const string TaskType = "automation";
    const string ContinueWhenSent = "continueWhenSent";

    static readonly TimeSpan usualTime = TimeSpan.FromHours(1);

    readonly string kind;
    readonly TimeProvider clock;

    ConnectorActivity(string typeName, string kind, string help, TimeProvider clock)
    {
        this.kind = kind;
        this.clock = clock;
        Description = new(
            typeName,
            "Response",
            help,
            [
                new("connector", WorkflowType.Text, true, "The name of a registered connector."),
                new(
                    "action",
                    WorkflowType.Text,
                    true,
                    "What it is asked to do, such as isolate_host."
                ),
                new("arguments", WorkflowType.Any, Help: "An object that goes with it."),
                new("within", WorkflowType.Duration, Help: "How long it may take; empty: an hour."),
                new(
                    ContinueWhenSent,
                    WorkflowType.Boolean,
                    Help: "Leave by Sent once the connector has taken it; how it went comes to the case all the same."
                ),
            ],
            ["Result", "EvidenceId"],
            ["Succeeded", "Failed", "TimedOut", "Sent"],
            Waits: true,
            Deadline: new("within", "TimedOut"),
            Switch: new(ContinueWhenSent, "Sent", "Succeeded")
        );
    }

    public ActivityDescription Description { get; }

    public static ConnectorActivity Rmm(TimeProvider clock) =>
        new(
            OutboundSignal.RunScript,
            "rmm",
            "Has an RMM run a script, and waits for how it went.",
            clock
        );

    public static ConnectorActivity Edr(TimeProvider clock) =>
        new(
            OutboundSignal.EdrAct,
            "edr",
            "Has an EDR act, such as isolate a host, and waits for how it went.",
            clock
        );

    public static ConnectorActivity Scan(TimeProvider clock) =>
        new(OutboundSignal.Scan, "scan", "Has a scanner scan, and waits for what it found.", clock);

    public async Task<ActivityAnswer> RunAsync(ActivityCall call, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var name = call.Text("connector") ?? "";
        var known = await OutboundStore.ConnectorAsync(call.Work, name, cancellation);
        if (known is null || known.Kind != kind)
            return new ActivityAnswer.Failed(
                $"There is no {kind} connector '{name}': an administrator registers it first."
            );
        var asked = new AskedConnector(
            name,
            call.Text("action") ?? "",
            ArgumentsOf(call),
            (call.DueIn("within", now) ?? now + usualTime) - now
        );
        return await call.InCaseAsync(
            caseId => AskAsync(call, caseId, asked, now, cancellation),
            action => new ActivityAnswer.Waiting(
                call.Inputs.GetValueOrDefault(ContinueWhenSent).ValueKind == JsonValueKind.True
                    ? OutboundSignal.SentKey(action.Id)
                    : action.Id.ToString(),
                null,
                null
            )
        );
    }

    static async Task<Outcome<OutboundAction>> AskAsync(
        ActivityCall call,
        Guid caseId,
        AskedConnector asked,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var created = await CreateTask.InAsync(
            call.Work,
            caseId,
            TaskType,
            $"Have {asked.Connector} do this: {asked.Action}",
            null,
            now,
            cancellation
        );
        if (created is not Outcome<CaseTask>.Done({ } task))
            return No(created);
        var started = await StartTask.InAsync(call.Work, task.Id, now, cancellation);
        return started is Outcome<CaseTask>.Done
            ? await AskConnector.InAsync(call.Work, task.Id, asked, now, cancellation)
            : No(started);
    }

    static Outcome<OutboundAction> No(Outcome<CaseTask> outcome) =>
        outcome.Match<Outcome<OutboundAction>>(
            _ => throw new System.Diagnostics.UnreachableException(),
            missing => new Outcome<OutboundAction>.NotFound(missing),
            refusal => new Outcome<OutboundAction>.Declined(refusal)
        );

    static JsonObject ArgumentsOf(ActivityCall call) =>
        call.Inputs.TryGetValue("arguments", out var given)
        && given.ValueKind == JsonValueKind.Object
            ? JsonObject.Create(given)!
            : [];
}
