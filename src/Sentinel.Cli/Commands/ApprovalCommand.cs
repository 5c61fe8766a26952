using System.CommandLine;
using Sentinel.Cli.Output;
using Sentinel.Cli.Sessions;
using Sentinel.Psa.Approvals;
using static Sentinel.Cli.Sessions.CaseworkCommands;

namespace Sentinel.Cli.Commands;

/// <summary>Questions that only a person who did not ask them may answer.</summary>
static class ApprovalCommand
{
    public static Command Build() =>
        new("approval", "Ask people to decide, and decide: ask, approve, refuse, withdraw.")
        {
            Ask(),
            Decide("approve", "Approve what another asked for.", ApprovalTrigger.Approve),
            Decide("refuse", "Refuse what another asked for.", ApprovalTrigger.Refuse),
            Decide("withdraw", "Take back what you asked for.", ApprovalTrigger.Withdraw),
        };

    static Command Ask()
    {
        var request = Words("REQUEST", "What is to be approved.");
        var task = new Option<Guid?>("--task")
        {
            Description = "The id of the task that it is for.",
        };
        return OnCase(
            "ask",
            "Ask for approval; by that you have worked in the case.",
            [request, task],
            async (asked, caseId) =>
                asked.Say(
                    await asked
                        .Use<AskApproval>()
                        .RunAsync(
                            asked.Secret,
                            caseId,
                            asked.Get(task),
                            asked.Get(request)!,
                            asked.Cancellation
                        ),
                    Line
                )
        );
    }

    static Command Decide(string name, string description, ApprovalTrigger decision)
    {
        var (id, reason) = (
            CommandResults.Id("The approval's id; 'case show' lists them."),
            Reason()
        );
        return CaseworkCommands.Build(
            name,
            description,
            [id, reason],
            async asked =>
                asked.Say(
                    await asked
                        .Use<DecideApproval>()
                        .RunAsync(
                            asked.Secret,
                            asked.Get(id),
                            decision,
                            asked.Get(reason)!,
                            asked.Cancellation
                        ),
                    Line
                )
        );
    }

    static string Line(Approval approval) =>
        $"{approval.Id}  {approval.Status.ToString().ToLowerInvariant()}: "
        + CaseText.Printable(approval.Request);
}
