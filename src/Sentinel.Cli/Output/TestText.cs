using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Sentinel.Siem.Detection;

namespace Sentinel.Cli.Output;

/// <summary>The results of <c>policy test</c>: a line for each test, what happened instead, coverage.</summary>
static class TestText
{
    const int GapsMax = 20;

    public static void Write(TextWriter output, PolicyTestReport report, bool onTerminal)
    {
        foreach (var file in report.Results.GroupBy(result => result.Path))
        {
            output.WriteLine(file.Key);
            foreach (var result in file)
            {
                var verdict =
                    result.Passed ? "ok    "
                    : onTerminal ? "\e[31mFAILED\e[0m"
                    : "FAILED";
                output.WriteLine(
                    $"  {verdict}  {result.Rule}: {Printable(result.Test)} ({Said(result.Elapsed)})"
                );
                if (result.Passed)
                    continue;
                output.WriteLine($"    {Printable(result.Instead!)}");
                foreach (var line in result.Story)
                    output.WriteLine($"    {Printable(line)}");
            }
        }
        output.WriteLine();
        WriteCoverage(output, report.Coverage);
        var passed = report.Results.Count(result => result.Passed);
        output.WriteLine($"{passed} passed, {report.Results.Count - passed} failed");
    }

    static void WriteCoverage(TextWriter output, IReadOnlyList<RuleCoverage> coverage)
    {
        var predicates = coverage.SelectMany(rule => rule.Predicates).ToList();
        var lines = coverage.SelectMany(rule => rule.Lines).ToList();
        var untested = coverage.Count(rule => rule.Tests == 0);
        output.WriteLine(
            $"coverage of {coverage.Count} rules: "
                + $"{predicates.Count(p => p.SeenTrue && p.SeenFalse)} of {predicates.Count} predicates "
                + "were both true and false, "
                + $"{lines.Count(l => l.Counted)} of {lines.Count} lines of confidence counted"
                + (untested > 0 ? $"; {untested} rules have no test" : "")
        );
        var gaps = coverage
            .Where(rule => rule.Tests > 0)
            .SelectMany(rule => rule.Gaps.Select(gap => $"  {rule.Rule}: {gap}"))
            .ToList();
        foreach (var gap in gaps.Take(GapsMax))
            output.WriteLine(Printable(gap));
        if (gaps.Count > GapsMax)
            output.WriteLine($"  and {gaps.Count - GapsMax} more, which --json lists");
    }

    public static void WriteJson(TextWriter output, PolicyTestReport report)
    {
        foreach (var result in report.Results)
            output.WriteJson(
                new
                {
                    Kind = "test",
                    result.Path,
                    result.Rule,
                    result.Test,
                    result.Passed,
                    result.Instead,
                    result.Story,
                    Seconds = result.Elapsed.TotalSeconds,
                }
            );
        foreach (var rule in report.Coverage)
            output.WriteJson(
                new
                {
                    Kind = "coverage",
                    rule.Path,
                    rule.Rule,
                    rule.Tests,
                    rule.Predicates,
                    rule.Lines,
                    rule.Gaps,
                }
            );
        var passed = report.Results.Count(result => result.Passed);
        output.WriteJson(
            new
            {
                Kind = "summary",
                Passed = passed,
                Failed = report.Results.Count - passed,
            }
        );
    }

    public static void SaveJUnit(PolicyTestReport report, string file)
    {
        // Not every reader expects a byte order mark.
        var settings = new XmlWriterSettings { Indent = true, Encoding = new UTF8Encoding(false) };
        using var writer = XmlWriter.Create(file, settings);
        JUnit(report).Save(writer);
    }

    static XDocument JUnit(PolicyTestReport report) =>
        new(
            new XElement(
                "testsuites",
                Counts(report.Results),
                report
                    .Results.GroupBy(result => result.Path)
                    .Select(file => new XElement(
                        "testsuite",
                        new XAttribute("name", Xml(file.Key)),
                        Counts([.. file]),
                        file.Select(Case)
                    ))
            )
        );

    static XElement Case(PolicyTestResult result) =>
        new(
            "testcase",
            new XAttribute("classname", Xml(result.Rule)),
            new XAttribute("name", Xml(result.Test)),
            new XAttribute("time", Seconds(result.Elapsed)),
            result.Passed
                ? null
                : new XElement(
                    "failure",
                    new XAttribute("message", Xml(result.Instead!)),
                    new XAttribute("type", "expectation"),
                    Xml(string.Join('\n', result.Story))
                )
        );

    static IEnumerable<XAttribute> Counts(IReadOnlyList<PolicyTestResult> results) =>
        [
            new("tests", results.Count),
            new("failures", results.Count(result => !result.Passed)),
            new("errors", 0),
            new("skipped", 0),
            new("time", Seconds(TimeSpan.FromTicks(results.Sum(r => r.Elapsed.Ticks)))),
        ];

    static string Seconds(TimeSpan time) =>
        time.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);

    static string Said(TimeSpan time) =>
        $"{time.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture)} ms";

    static string Printable(string text) =>
        string.Concat(text.Select(c => char.IsControl(c) ? '·' : c));

    /// <summary>XML has no way to say most control characters.</summary>
    static string Xml(string text) =>
        string.Concat(text.Select(c => XmlConvert.IsXmlChar(c) || char.IsSurrogate(c) ? c : '·'));
}
