using System.CommandLine;
using Sentinel.Cli.Output;
using Sentinel.Cli.Sessions;
using Sentinel.Psa.Cases;
using Sentinel.Siem.Escalation;
using Sentinel.Siem.Findings;
using static Sentinel.Cli.Sessions.CaseworkCommands;

namespace Sentinel.Cli.Commands;

/// <summary>What detection found, and the two things that a person can do about it: pass it on, or set it aside.</summary>
static class FindingCommand
{
    const int FindingsShown = 200;

    public static Command Build() =>
        new("finding", "Work on the queue of findings: list, escalate, dispose.")
        {
            List(),
            Escalate(),
            Dispose(),
        };

    static Command List()
    {
        var state = new Option<FindingState?>("--state")
        {
            Description = "new, escalating or escalated.",
        };
        return CaseworkCommands.Build(
            "list",
            "List findings, the newest first.",
            [state],
            async asked =>
            {
                var outcome = await asked
                    .Use<ListFindings>()
                    .RunAsync(asked.Secret, asked.Get(state), FindingsShown, asked.Cancellation);
                switch (outcome)
                {
                    case ListFindingsOutcome.Refused refused:
                        return asked.Refuse(refused.Reason);
                    case ListFindingsOutcome.Listed { Findings: var findings }:
                        foreach (var one in findings)
                            if (asked.Json)
                                asked.Output.WriteJson(one);
                            else
                                asked.Output.WriteLine(Line(one));
                        return ExitCodes.Yes;
                    default:
                        throw new System.Diagnostics.UnreachableException();
                }
            }
        );
    }

    static Command Escalate()
    {
        var id = CommandResults.Id("The finding's id.");
        var policy = Text("--as", "The name of an escalation; else the first that holds.");
        return CaseworkCommands.Build(
            "escalate",
            "Pass a finding on by hand: it becomes a case.",
            [id, policy],
            async asked =>
            {
                switch (
                    await asked
                        .Use<EscalateFinding>()
                        .RunAsync(
                            asked.Secret,
                            asked.Get(id),
                            asked.Get(policy),
                            asked.Cancellation
                        )
                )
                {
                    case EscalateOutcome.Queued queued:
                        if (asked.Json)
                            asked.Output.WriteJson(queued);
                        else
                            asked.Output.WriteLine(
                                $"It is on its way by {queued.Policy.Name}: escalation {queued.EscalationId}."
                            );
                        return ExitCodes.Yes;
                    case EscalateOutcome.Kept:
                        return asked.Refuse(
                            "no escalation holds for it: name one with --as, or set the finding aside"
                        );
                    case EscalateOutcome.NotFound:
                        return asked.Refuse($"there is no finding {asked.Get(id)}");
                    case EscalateOutcome.Refused refused:
                        return asked.Refuse(refused.Reason);
                    default:
                        throw new System.Diagnostics.UnreachableException();
                }
            }
        );
    }

    static Command Dispose()
    {
        var disposition = Word<Disposition>("DISPOSITION", "What they were");
        var ids = new Argument<Guid[]>("ID")
        {
            Description = "The ids of findings that were not escalated.",
            Arity = ArgumentArity.OneOrMore,
        };
        var reason = Reason();
        return CaseworkCommands.Build(
            "dispose",
            "Set findings aside: a decision, with its reason.",
            [disposition, ids, reason],
            async asked =>
                asked.Say(
                    await asked
                        .Use<DisposeFindings>()
                        .RunAsync(
                            asked.Secret,
                            asked.Get(ids)!,
                            asked.Get(disposition),
                            asked.Get(reason)!,
                            asked.Cancellation
                        ),
                    count => $"{count} set aside."
                )
        );
    }

    static string Line(Finding finding) =>
        $"{finding.Id}  {finding.Severity, 2} {finding.Confidence, 3}  "
        + $"{finding.State.ToString().ToLowerInvariant(), -10}  {CaseText.Printable(finding.Summary)}";
}
