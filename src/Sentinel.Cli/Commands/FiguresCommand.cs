using System.CommandLine;
using System.Globalization;
using Sentinel.Cli.Sessions;
using Sentinel.Psa.Figures;

namespace Sentinel.Cli.Commands;

/// <summary>How fast casework answers, what is late, and who has how much.</summary>
static class FiguresCommand
{
    public static Command Build()
    {
        var asOf = AsOf();
        return CaseworkCommands.Build(
            "figures",
            "Report MTTA, MTTR, ageing, breaches and workload, now or as of any moment.",
            [asOf],
            async asked =>
                asked.Say(
                    await asked
                        .Use<ReportFigures>()
                        .RunAsync(asked.Secret, asked.Get(asOf), asked.Cancellation),
                    Text
                )
        );
    }

    /// <summary>A moment of the past.</summary>
    public static Option<DateTimeOffset?> AsOf() =>
        new("--as-of")
        {
            Description = "As it was then, such as 2026-11-23T06:00Z; now without it.",
            CustomParser = given =>
            {
                if (
                    DateTimeOffset.TryParse(
                        given.Tokens[0].Value,
                        CultureInfo.InvariantCulture,
                        DateTimeStyles.AssumeUniversal,
                        out var time
                    )
                )
                    return time;
                given.AddError($"'{given.Tokens[0].Value}' is not a time for --as-of");
                return null;
            },
        };

    static string Text(FiguresReport report)
    {
        List<string> lines =
        [
            $"{report.Organisation} as of {report.AsOf.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC",
            "",
            $"{"", -14}{"cases", 7}{"open", 7}{"working", 9}{"resolved", 10}{"closed", 8}"
                + $"{"MTTA", 10}{"MTTR", 10}{"late answers", 14}{"late ends", 11}{"oldest", 10}",
            Line("all", report.Total),
        ];
        lines.AddRange(report.ByType.Select(one => Line(one.CaseType!, one)));
        lines.AddRange(report.BySeverity.Select(one => Line($"severity {one.Severity}", one)));
        var ages = report.Total.Ageing;
        lines.Add("");
        lines.Add(
            $"not resolved: {ages.UnderADay} for less than a day, {ages.UnderAWeek} a week, "
                + $"{ages.UnderAMonth} a month, {ages.Older} longer"
        );
        lines.AddRange(
            report.People.Select(one =>
                $"{one.Name}: {one.CasesOwned} cases, {one.TasksRunning} running and "
                + $"{one.TasksPending} pending tasks"
            )
        );
        lines.AddRange(
            report.Queues.Select(one =>
                $"{(one.Queue is { } queue ? "queue " + queue : "no queue")}: {one.CasesWaiting} waiting"
            )
        );
        return string.Join('\n', lines);
    }

    static string Line(string what, CaseFigures one) =>
        $"{what, -14}{one.Cases, 7}{one.Open, 7}{one.InProgress, 9}{one.Resolved, 10}{one.Closed, 8}"
        + $"{Span(one.MttaSeconds), 10}{Span(one.MttrSeconds), 10}{one.ResponseBreached, 14}"
        + $"{one.ResolutionBreached, 11}{Span(one.Ageing.OldestSeconds), 10}";

    static string Span(double? seconds) =>
        seconds is not { } known ? "-"
        : known < 3600 ? string.Create(CultureInfo.InvariantCulture, $"{known / 60:0.0} min")
        : known < 172_800 ? string.Create(CultureInfo.InvariantCulture, $"{known / 3600:0.0} h")
        : string.Create(CultureInfo.InvariantCulture, $"{known / 86_400:0.0} d");
}
