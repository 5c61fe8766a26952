using System.Globalization;
using Sentinel.Siem.Backtest;

namespace Sentinel.Cli.Output;

/// <summary>What a draft finds beside what was raised, day by day, for people and as JSON.</summary>
static class BacktestText
{
    const int FindingsMax = 20;

    public static void Write(TextWriter output, BacktestReport report)
    {
        output.WriteLine(
            "day               events     finds    raised       new      gone      same"
        );
        foreach (var day in report.Days)
            output.WriteLine(
                $"{Day(day.Day)}  {day.Events, 12}{day.Finds, 10}{day.Raised, 10}{day.New, 10}"
                    + $"{day.Gone, 10}{day.Same, 10}"
            );
        output.WriteLine();
        Write(output, report, BacktestChange.New);
        Write(output, report, BacktestChange.Gone);
        output.WriteLine(
            $"{report.Rules} rules over {report.Events} events of {report.Days.Count} days: the draft "
                + $"finds {PerDay(report, day => day.Finds)}, "
                + $"the active version raised {PerDay(report, day => day.Raised)}."
        );
        if (report.Excepted > 0)
            output.WriteLine($"{report.Excepted} matches fall under an exception of their rule.");
        if (report.Unparsed > 0)
            output.WriteLine($"{report.Unparsed} records are no events for its sources.");
        if (report.Late > 0)
            output.WriteLine($"{report.Late} events came later than their sources allow.");
        if (report.SetsLeftOut > 0)
            output.WriteLine(
                $"With {report.SetsLeftOut} of the policies of that time the draft does not load: there "
                    + "today's sources and lists were used."
            );
    }

    public static void WriteJson(TextWriter output, BacktestReport report)
    {
        foreach (var (change, one) in report.Findings)
            output.WriteJson(
                new
                {
                    Kind = "finding",
                    Change = Word(change),
                    one.FindingId,
                    one.Rule,
                    one.Type,
                    one.Severity,
                    one.Confidence,
                    one.Key,
                    First = Time(one.First),
                    Last = Time(one.Last),
                    LastMatch = Time(one.LastMatch),
                    one.Count,
                    one.LaterMatches,
                    one.Message,
                    one.EventIds,
                }
            );
        foreach (var day in report.Days)
            output.WriteJson(
                new
                {
                    Kind = "day",
                    Day = Day(day.Day),
                    day.Events,
                    day.Finds,
                    day.Raised,
                    day.New,
                    day.Gone,
                    day.Same,
                }
            );
        output.WriteJson(
            new
            {
                Kind = "summary",
                report.Rules,
                report.Events,
                Days = report.Days.Count,
                Finds = report.Days.Sum(day => day.Finds),
                Raised = report.Days.Sum(day => day.Raised),
                New = report.Days.Sum(day => day.New),
                Gone = report.Days.Sum(day => day.Gone),
                Same = report.Days.Sum(day => day.Same),
                report.Unparsed,
                report.Excepted,
                report.Late,
                report.SetsLeftOut,
            }
        );
    }

    static void Write(TextWriter output, BacktestReport report, BacktestChange change)
    {
        var all = report.Findings.Where(f => f.Change == change).Select(f => f.Finding).ToList();
        foreach (var one in all.Take(FindingsMax))
            output.WriteLine(
                $"{Word(change), -4}  {Time(one.Last)}  {one.Severity, 2}/10 {one.Confidence, 3}%  "
                    + $"{one.Rule}: {DetectText.Printable(one.Message)}"
            );
        if (all.Count > FindingsMax)
            output.WriteLine($"{Word(change), -4}  and {all.Count - FindingsMax} more");
        if (all.Count > 0)
            output.WriteLine();
    }

    static string PerDay(BacktestReport report, Func<BacktestDay, int> count)
    {
        var all = report.Days.Sum(count);
        var average = all / (double)Math.Max(1, report.Days.Count);
        var said = string.Create(CultureInfo.InvariantCulture, $"{all}, {average:0.#} a day");
        return report.Days.MaxBy(count) is { } most && report.Days.Count > 1
            ? $"{said}, at most {count(most)} on {Day(most.Day)}"
            : said;
    }

    static string Word(BacktestChange change) =>
        change switch
        {
            BacktestChange.New => "new",
            BacktestChange.Same => "same",
            BacktestChange.Gone => "gone",
        };

    static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    static string Time(DateTimeOffset time) => DetectText.Time(time);
}
