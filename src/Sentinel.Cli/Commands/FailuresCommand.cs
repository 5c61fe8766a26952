using System.CommandLine;
using System.Text;
using Sentinel.Cli.Output;
using Sentinel.Cli.Sessions;
using Sentinel.Siem.Failures;

namespace Sentinel.Cli.Commands;

/// <summary>What could not be read: never silent, never lost.</summary>
static class FailuresCommand
{
    const int ShownDefault = 50;

    public static Command Build()
    {
        var limit = new Option<int>("--limit")
        {
            Description = "How many of the latest to show.",
            DefaultValueFactory = _ => ShownDefault,
        };
        var json = CommandResults.Json();
        var command = new Command("failures", "List what could not be read, with reason and bytes.")
        {
            limit,
            json,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                await using var session = await CommandSession.OpenAsync(cancellation);
                var outcome = await session
                    .Use<ListFailures>()
                    .RunAsync(session.Secret, parsed.GetValue(limit), cancellation);
                var (output, error) = (
                    parsed.InvocationConfiguration.Output,
                    parsed.InvocationConfiguration.Error
                );
                switch (outcome)
                {
                    case ListFailuresOutcome.Refused refused:
                        return error.Refuse(refused.Reason);
                    case ListFailuresOutcome.Listed { Failures: var list }
                        when parsed.GetValue(json):
                        output.WriteJson(list);
                        return ExitCodes.Yes;
                    case ListFailuresOutcome.Listed { Failures: var list }:
                        Print(output, list);
                        return ExitCodes.Yes;
                    default:
                        throw new System.Diagnostics.UnreachableException();
                }
            }
        );
        return command;
    }

    static void Print(TextWriter output, FailureList list)
    {
        if (list.Counts.Count == 0)
            output.WriteLine("Everything could be read.");
        foreach (var count in list.Counts)
            output.WriteLine(
                $"{count.Count, 8}  {count.Reason}"
                    + (count.Declaration.Length > 0 ? $" ({count.Declaration})" : "")
            );
        if (list.Latest.Count > 0)
            output.WriteLine();
        foreach (var failure in list.Latest)
            output.WriteLine($"{failure.Place}:{failure.Line}  {Preview(failure)}");
    }

    static string Preview(IngestFailure failure)
    {
        var text = Encoding.UTF8.GetString(failure.Preview);
        var shown = string.Concat(text.Select(c => char.IsControl(c) ? '·' : c));
        return failure.LengthBytes > failure.Preview.Length
            ? $"{shown}… ({failure.LengthBytes} bytes)"
            : shown;
    }
}
