using System.CommandLine;
using Sentinel.Cli.Output;
using Sentinel.Cli.Sessions;
using Sentinel.Siem.Replay;

namespace Sentinel.Cli.Commands;

/// <summary>Derives a finding again, by a role that cannot see what it should arrive at.</summary>
static class ReplayCommand
{
    public static Command Build()
    {
        var id = CommandResults.Id("Of the finding.");
        var json = CommandResults.Json();
        var command = new Command("replay", "Derive a finding again and compare, byte for byte.")
        {
            id,
            json,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                await using var session = await CommandSession.OpenAsync(cancellation);
                var outcome = await session
                    .Use<ReplayFinding>()
                    .RunAsync(session.Secret, parsed.GetValue(id), null, cancellation);
                var (output, error) = (
                    parsed.InvocationConfiguration.Output,
                    parsed.InvocationConfiguration.Error
                );
                if (parsed.GetValue(json) && Shape(outcome) is { } shape)
                    output.WriteJson(shape);
                return outcome switch
                {
                    ReplayOutcome.Reproduced same => Same(output, same, parsed.GetValue(json)),
                    ReplayOutcome.Different different => error.Refuse(
                        "the replay differs: " + string.Join("; ", different.Differences)
                    ),
                    ReplayOutcome.NotFound => error.Refuse(
                        $"there is no finding {parsed.GetValue(id)}"
                    ),
                    ReplayOutcome.Refused refused => error.Refuse(refused.Reason),
                    _ => throw new System.Diagnostics.UnreachableException(),
                };
            }
        );
        return command;
    }

    static int Same(TextWriter output, ReplayOutcome.Reproduced same, bool json)
    {
        if (!json)
            output.WriteLine(
                $"The same finding and hit {same.HitId}"
                    + (same.Packaged ? " and package, " : "; no package was sealed, it would be ")
                    + $"sha256 {same.PackageSha256}."
            );
        return ExitCodes.Yes;
    }

    static object? Shape(ReplayOutcome outcome) =>
        outcome switch
        {
            ReplayOutcome.Reproduced same => new
            {
                Same = true,
                same.FindingId,
                same.HitId,
                same.PackageSha256,
                same.Packaged,
            },
            ReplayOutcome.Different different => new { Same = false, different.Differences },
            _ => null,
        };
}
