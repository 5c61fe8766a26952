using System.CommandLine;
using Sentinel.Cli.Output;
using Sentinel.Cli.Sessions;
using Sentinel.Siem.Backtest;

namespace Sentinel.Cli.Commands;

/// <summary>What a draft would have found in what is stored, before anybody publishes it.</summary>
static class PolicyBacktestCommand
{
    public static Command Build()
    {
        var paths = PolicyFiles.Paths();
        var from = CommandResults.From();
        var to = CommandResults.To();
        var json = CommandResults.Json();
        var command = new Command(
            "backtest",
            "Try a draft on stored events, beside what the active policies raised."
        )
        {
            paths,
            from,
            to,
            json,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var draft = PolicyFiles.Read(parsed.GetValue(paths)!);
                await using var session = await CommandSession.OpenAsync(cancellation);
                var outcome = await ProgressBar
                    .OnStandardError()
                    .WhileAsync(
                        "Reading stored events",
                        say =>
                            session
                                .Use<BacktestPolicy>()
                                .RunAsync(
                                    session.Secret,
                                    draft,
                                    parsed.GetValue(from),
                                    parsed.GetValue(to),
                                    new Progress<(long Done, long Of)>(at =>
                                        say($"{at.Done:N0} of {at.Of:N0} stored records")
                                    ),
                                    cancellation
                                )
                    );
                var (output, error) = (
                    parsed.InvocationConfiguration.Output,
                    parsed.InvocationConfiguration.Error
                );
                switch (outcome)
                {
                    case BacktestOutcome.Backtested { Report: var report }:
                        if (report.Warnings.Count > 0)
                            error.WriteDiagnostics(report.Warnings, draft);
                        if (parsed.GetValue(json))
                            BacktestText.WriteJson(output, report);
                        else
                            BacktestText.Write(output, report);
                        return ExitCodes.Yes;
                    case BacktestOutcome.BadPolicies bad:
                        error.WriteDiagnostics(bad.Diagnostics, draft);
                        return ExitCodes.No;
                    case BacktestOutcome.Refused refused:
                        return error.Refuse(refused.Reason);
                    default:
                        throw new System.Diagnostics.UnreachableException();
                }
            }
        );
        return command;
    }
}
