using System.CommandLine;
using System.Diagnostics;
using System.Text;
using Sentinel.Cli.Output;
using Sentinel.Cli.Sessions;
using Sentinel.Policies.Sigma;
using Sentinel.Policies.Store;

namespace Sentinel.Cli.Commands;

/// <summary>Sigma rules as policy text, one file for each, and a list of what was not imported.</summary>
static class ImportSigmaCommand
{
    const int SkippedListed = 20;

    public static Command Build()
    {
        var from = new Argument<string>("DIR")
        {
            Description = "A folder with Sigma rules (YAML).",
        };
        var to = new Option<string>("--out")
        {
            Description = "The folder for the policies.",
            Required = true,
        };
        var json = CommandResults.Json();
        var command = new Command("import-sigma", "Write Sigma rules as policies of ours.")
        {
            from,
            to,
            json,
        };
        command.SetAction(parsed =>
        {
            var started = Stopwatch.GetTimestamp();
            var import = ImportSigma.Run(
                SigmaFolder.Read(parsed.GetValue(from)!),
                ShippedPolicies.Texts
            );
            WriteTexts(import, parsed.GetValue(to)!);
            Say(
                parsed.InvocationConfiguration.Output,
                import,
                Stopwatch.GetElapsedTime(started),
                parsed.GetValue(json)
            );
            return ExitCodes.Yes;
        });
        return command;
    }

    static void WriteTexts(SigmaImport import, string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var text in import.Texts)
            File.WriteAllBytes(Path.Combine(folder, text.Path), Encoding.UTF8.GetBytes(text.Text));
    }

    static void Say(TextWriter output, SigmaImport import, TimeSpan elapsed, bool json)
    {
        if (json)
        {
            output.WriteJson(
                new
                {
                    import.Rules,
                    import.Imported,
                    import.Skipped,
                    Seconds = Math.Round(elapsed.TotalSeconds, 2),
                }
            );
            return;
        }
        output.WriteLine(
            $"{import.Imported} of {import.Rules} rules imported in {elapsed.TotalSeconds:0.0} s."
        );
        foreach (var skipped in import.Skipped.Take(SkippedListed))
            output.WriteLine($"  not {skipped.File}: {skipped.Reason}");
        if (import.Skipped.Count > SkippedListed)
            output.WriteLine(
                $"  and {import.Skipped.Count - SkippedListed} more: --json lists them all."
            );
    }
}
