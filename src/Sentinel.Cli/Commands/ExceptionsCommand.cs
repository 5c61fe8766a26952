using System.CommandLine;
using Sentinel.Cli.Output;
using Sentinel.Cli.Sessions;
using Sentinel.Siem.Findings;

namespace Sentinel.Cli.Commands;

/// <summary>What exceptions kept from becoming findings: nothing that is suppressed is lost.</summary>
static class ExceptionsCommand
{
    const int HitsDefault = 100;

    public static Command Build()
    {
        var from = CommandResults.From();
        var to = CommandResults.To();
        var limit = new Option<int>("--limit")
        {
            Description = "How many of the latest to show.",
            DefaultValueFactory = _ => HitsDefault,
        };
        var json = CommandResults.Json();
        var command = new Command(
            "exceptions",
            "List matches that exceptions of rules mean to be so."
        )
        {
            from,
            to,
            limit,
            json,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                await using var session = await CommandSession.OpenAsync(cancellation);
                var outcome = await session
                    .Use<ListExceptedHits>()
                    .RunAsync(
                        session.Secret,
                        parsed.GetValue(from),
                        parsed.GetValue(to),
                        parsed.GetValue(limit),
                        cancellation
                    );
                var (output, error) = (
                    parsed.InvocationConfiguration.Output,
                    parsed.InvocationConfiguration.Error
                );
                if (outcome is ListExceptedOutcome.Refused refused)
                    return error.Refuse(refused.Reason);
                var hits = ((ListExceptedOutcome.Excepted)outcome).Hits;
                foreach (var hit in hits)
                    if (parsed.GetValue(json))
                        output.WriteJson(hit);
                    else
                        output.WriteLine(FindingText.Line(hit));
                if (!parsed.GetValue(json))
                    output.WriteLine($"{hits.Count} matches were meant to be so.");
                return ExitCodes.Yes;
            }
        );
        return command;
    }
}
