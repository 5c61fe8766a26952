using System.CommandLine;
using System.Xml.Linq;
using Sentinel.Cli.Output;
using Sentinel.Cli.Sessions;
using Sentinel.Policies;
using Sentinel.Siem.Detection;

namespace Sentinel.Cli.Commands;

/// <summary>The tests inside policies, on the real engine and in virtual time.</summary>
static class PolicyTestCommand
{
    public static Command Build()
    {
        var paths = PolicyFiles.Paths();
        var junit = new Option<string?>("--junit") { Description = "Also write JUnit XML there." };
        var json = CommandResults.Json();
        var command = new Command("test", "Run the tests that policies carry.")
        {
            paths,
            junit,
            json,
        };
        command.SetAction(parsed =>
        {
            var texts = PolicyFiles.Read(parsed.GetValue(paths)!);
            var (output, error) = (
                parsed.InvocationConfiguration.Output,
                parsed.InvocationConfiguration.Error
            );
            var load = PolicyFiles.Load(texts);
            if (load is PolicyLoad.Rejected rejected)
                error.WriteDiagnostics(rejected.Diagnostics, texts);
            if (load is not PolicyLoad.Loaded { Policy: var policy })
                return ExitCodes.No;
            var given = texts.Select(text => text.Sha256).ToHashSet();
            var mine = policy with
            {
                Rules = [.. policy.Rules.Where(rule => given.Contains(rule.Text.Sha256))],
            };
            var results = new TestPolicies().Run(mine);
            if (parsed.GetValue(junit) is { } file)
                JUnit(results).Save(file);
            Say(output, results, parsed.GetValue(json));
            return results.All(result => result.Passed) ? ExitCodes.Yes : ExitCodes.No;
        });
        return command;
    }

    static void Say(TextWriter output, IReadOnlyList<PolicyTestResult> results, bool json)
    {
        foreach (var result in results)
            if (json)
                output.WriteJson(result);
            else if (!result.Passed)
                output.WriteLine(
                    $"{result.Path}: {result.Rule}: \"{result.Test}\" failed. {result.Instead}"
                );
        var passed = results.Count(result => result.Passed);
        if (json)
            output.WriteJson(
                new
                {
                    Kind = "summary",
                    Passed = passed,
                    Failed = results.Count - passed,
                }
            );
        else
            output.WriteLine($"{passed} passed, {results.Count - passed} failed");
    }

    static XDocument JUnit(IReadOnlyList<PolicyTestResult> results) =>
        new(
            new XElement(
                "testsuites",
                results
                    .GroupBy(result => result.Path)
                    .Select(file => new XElement(
                        "testsuite",
                        new XAttribute("name", file.Key),
                        new XAttribute("tests", file.Count()),
                        new XAttribute("failures", file.Count(result => !result.Passed)),
                        file.Select(result => new XElement(
                            "testcase",
                            new XAttribute("classname", result.Rule),
                            new XAttribute("name", result.Test),
                            result.Passed
                                ? null
                                : new XElement(
                                    "failure",
                                    new XAttribute("message", result.Instead!)
                                )
                        ))
                    ))
            )
        );
}
