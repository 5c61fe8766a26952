using System.CommandLine;
using Sentinel.Cli.Output;
using Sentinel.Cli.Sessions;
using Sentinel.Siem.Retention;

namespace Sentinel.Cli.Commands;

/// <summary>Days whose time is over, by the retentions of the published policies.</summary>
static class RetentionCommand
{
    public static Command Build() =>
        new("retention", "Archive days whose time is over.") { Run(), List() };

    static Command Run()
    {
        var json = CommandResults.Json();
        var command = new Command("run", "Export and move the days that may go.") { json };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                await using var session = await CommandSession.OpenAsync(cancellation);
                var output = parsed.InvocationConfiguration.Output;
                foreach (var day in await session.Use<RunRetention>().RunAsync(cancellation))
                    if (parsed.GetValue(json))
                        output.WriteJson(day);
                    else
                        output.WriteLine(
                            day.Why is null
                                ? $"{day.Day:yyyy-MM-dd}: archived, {day.RawEvents} raw events."
                                : $"{day.Day:yyyy-MM-dd}: stays, {day.Why}."
                        );
                return ExitCodes.Yes;
            }
        );
        return command;
    }

    static Command List()
    {
        var check = new Option<bool>("--check") { Description = "Hash every exported file again." };
        var json = CommandResults.Json();
        var command = new Command("list", "The catalogue of archived days.") { check, json };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                await using var session = await CommandSession.OpenAsync(cancellation);
                var (output, error) = (
                    parsed.InvocationConfiguration.Output,
                    parsed.InvocationConfiguration.Error
                );
                var outcome = await session
                    .Use<ListArchivedDays>()
                    .RunAsync(session.Secret, parsed.GetValue(check), cancellation);
                if (outcome is ArchivedDaysOutcome.Refused refused)
                    return error.Refuse(refused.Reason);
                var found = (ArchivedDaysOutcome.DaysListed)outcome;
                foreach (var day in found.Days)
                    if (parsed.GetValue(json))
                        output.WriteJson(day);
                    else
                        output.WriteLine(
                            $"{day.Day:yyyy-MM-dd}: {day.RawEvents} raw events, {day.Uri}"
                        );
                foreach (var problem in found.Problems)
                    error.Refuse(problem);
                return found.Problems.Count == 0 ? ExitCodes.Yes : ExitCodes.No;
            }
        );
        return command;
    }
}
