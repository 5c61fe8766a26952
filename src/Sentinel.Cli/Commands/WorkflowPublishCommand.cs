using System.CommandLine;
using Sentinel.Cli.Output;
using Sentinel.Cli.Sessions;
using Sentinel.Workflows.Publication;
using static Sentinel.Cli.Sessions.CaseworkCommands;

namespace Sentinel.Cli.Commands;

/// <summary>A version is proposed by one person and published by another; until then the one before runs.</summary>
static class WorkflowPublishCommand
{
    public static Command Publish()
    {
        var file = new Argument<string>("FILE") { Description = "Elsa 3 definition JSON." };
        return Build(
            "publish",
            "Propose a definition as the next version of its workflow.",
            [file],
            async asked =>
                Say(
                    asked,
                    await asked
                        .Use<PublishWorkflow>()
                        .RunAsync(
                            asked.Secret,
                            await File.ReadAllTextAsync(asked.Get(file)!, asked.Cancellation),
                            asked.Cancellation
                        )
                )
        );
    }

    public static Command Approve()
    {
        var name = new Argument<string>("WORKFLOW") { Description = "Its definitionId." };
        var version = new Argument<int>("VERSION") { Description = "The version proposed." };
        return Build(
            "approve",
            "Publish a version that somebody else proposed: new instances follow it from then on.",
            [name, version],
            async asked =>
                Say(
                    asked,
                    await asked
                        .Use<ApproveWorkflow>()
                        .RunAsync(
                            asked.Secret,
                            asked.Get(name)!,
                            asked.Get(version),
                            asked.Cancellation
                        )
                )
        );
    }

    static int Say(CaseAsked asked, PublishOutcome outcome)
    {
        var (isDone, sentence) = Told(outcome);
        if (asked.Json)
            asked.Output.WriteJson(
                new
                {
                    Done = isDone,
                    Outcome = outcome.GetType().Name.ToLowerInvariant(),
                    Message = sentence,
                }
            );
        else
            (isDone ? asked.Output : asked.Error).WriteLine(sentence);
        return isDone ? ExitCodes.Yes : ExitCodes.No;
    }

    static (bool IsDone, string Sentence) Told(PublishOutcome outcome) =>
        outcome switch
        {
            PublishOutcome.Proposed proposed => (
                true,
                $"{proposed.DefinitionId} {proposed.Version} is proposed. It runs once somebody else has said: "
                    + $"sentinel workflow approve {proposed.DefinitionId} {proposed.Version}"
            ),
            PublishOutcome.Published published => (
                true,
                $"{published.DefinitionId} {published.Version} is published: new instances follow it."
            ),
            PublishOutcome.AlreadySo same => (
                true,
                $"{same.DefinitionId} {same.Version} is exactly that already."
            ),
            PublishOutcome.Invalid invalid => (false, string.Join('\n', invalid.Problems)),
            PublishOutcome.NotFound missing => (false, $"There is no {missing.What}."),
            PublishOutcome.Refused refused => (false, refused.Reason),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
}
