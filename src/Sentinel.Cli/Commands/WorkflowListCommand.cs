using System.CommandLine;
using Sentinel.Cli.Output;
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
