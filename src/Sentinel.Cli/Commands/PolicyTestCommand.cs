using System.CommandLine;
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
            var samples = PolicyFiles.Samples(parsed.GetValue(paths)!);
            var report = new TestPolicies(samples: samples).Report(
                policy,
                [.. policy.Rules.Where(rule => given.Contains(rule.Text.Sha256))]
            );
            if (parsed.GetValue(junit) is { } file)
                TestText.SaveJUnit(report, file);
            if (parsed.GetValue(json))
                TestText.WriteJson(output, report);
            else
                TestText.Write(output, report, onTerminal: !Console.IsOutputRedirected);
            return report.Results.All(result => result.Passed) ? ExitCodes.Yes : ExitCodes.No;
        });
        return command;
    }
}
