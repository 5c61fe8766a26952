using System.CommandLine;
using Sentinel.Cli.Output;
using Sentinel.Cli.Sessions;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Automation;
using static Sentinel.Cli.Sessions.CaseworkCommands;

namespace Sentinel.Cli.Commands;

/// <summary>The workflows that run for cases: where they stand, what they wait for, what failed.</summary>
static class WorkflowListCommand
{
    public static Command All()
    {
        var failed = new Option<bool>("--failed")
        {
            Description = "Only those that failed or cannot go on, with the reason.",
        };
        return Build(
            "list",
            "List the newest workflows that run for cases.",
            [failed],
            async asked =>
                asked.Say(
                    await asked
                        .Use<ListWorkflows>()
                        .RunAsync(asked.Secret, asked.Get(failed), asked.Cancellation),
                    all => all.Count == 0 ? "There are none." : string.Join('\n', all.Select(Line))
                )
        );
    }

    public static Command Show()
    {
        var id = CommandResults.Id("The id of a workflow, from workflow list.");
        return Build(
            "show",
            "Show where a workflow stands, and every step that it took.",
            [id],
            async asked =>
                asked.Say(
                    await asked
                        .Use<ShowWorkflow>()
                        .RunAsync(asked.Secret, asked.Get(id), asked.Cancellation),
                    story =>
                        string.Join('\n', story.Journal.Select(Line).Prepend(Line(story.Workflow)))
                )
        );
    }

    public static Command Cancel() =>
        Steer(
            "cancel",
            "End a workflow: what it waits for is taken back, and the case stays as it is.",
            (steer, asked, id, reason) =>
                steer.CancelAsync(asked.Secret, id, reason, asked.Cancellation),
            "is cancelled"
        );

    public static Command Retry() =>
        Steer(
            "retry",
            "Have a workflow try again what failed; whatever was done before stays done.",
            (steer, asked, id, reason) =>
                steer.RetryAsync(asked.Secret, id, reason, asked.Cancellation),
            "tries again"
        );

    public static Command Migrate() =>
        Steer(
            "migrate",
            "Have a workflow go on in the newest published version, from where it stands.",
            (steer, asked, id, reason) =>
                steer.MigrateAsync(asked.Secret, id, reason, asked.Cancellation),
            "goes on in the newest version"
        );

    static Command Steer(
        string name,
        string description,
        Func<SteerWorkflow, CaseAsked, Guid, string, Task<Outcome<WorkflowOfCase>>> ask,
        string what
    )
    {
        var id = CommandResults.Id("The id of a workflow, from workflow list.");
        var reason = Reason();
        return Build(
            name,
            description,
            [id, reason],
            async asked =>
                asked.Say(
                    await ask(asked.Use<SteerWorkflow>(), asked, asked.Get(id), asked.Get(reason)!),
                    one =>
                        $"{one.Definition} of {one.CaseNumber} {what} within a second: see sentinel workflow show {one.InstanceId}"
                )
        );
    }

    static string Line(WorkflowOfCase one)
    {
        var waits = one.Waits.Count > 0 ? $", waits at {string.Join(", ", one.Waits)}" : "";
        var failure = one.Failure is { } reason ? $", {ExplainText.Printable(reason)}" : "";
        return $"{one.InstanceId}  {one.CaseNumber}  {one.Definition} {one.Version}  {one.Status}{waits}{failure}";
    }

    static string Line(WorkflowStep step)
    {
        var by = step.Outcomes.Count > 0 ? $" by {string.Join(", ", step.Outcomes)}" : "";
        var with = step.Detail is { } detail ? $" with {detail.GetRawText()}" : "";
        var why = step.Message is { } message ? $": {message}" : "";
        return $"{step.HappenedAt:yyyy-MM-dd HH:mm:ss}  "
            + ExplainText.Printable($"{step.ActivityId}  {step.Event}{by}{with}{why}");
    }
}
