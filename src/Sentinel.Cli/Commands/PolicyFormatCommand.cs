using System.CommandLine;
using System.Text;
using Sentinel.Cli.Output;
using Sentinel.Cli.Sessions;
using Sentinel.Policies;
using Sentinel.Policies.Model;

namespace Sentinel.Cli.Commands;

/// <summary>The one way to write a policy: nobody discusses layout.</summary>
static class PolicyFormatCommand
{
    public static Command Build()
    {
        var paths = PolicyFiles.Paths();
        var check = new Option<bool>("--check")
        {
            Description = "Write nothing; list the files that are not formatted, and exit 1.",
        };
        var json = CommandResults.Json();
        var command = new Command("fmt", "Write policies in the one way to write them.")
        {
            paths,
            check,
            json,
        };
        command.SetAction(parsed =>
        {
            var files = PolicyFiles.Files(parsed.GetValue(paths)!);
            var result = Format(files, write: !parsed.GetValue(check));
            var (output, error) = (
                parsed.InvocationConfiguration.Output,
                parsed.InvocationConfiguration.Error
            );
            if (parsed.GetValue(json))
                output.WriteJson(
                    new
                    {
                        Files = files.Count,
                        result.Changed,
                        result.Diagnostics,
                    }
                );
            else
                Say(output, error, result, files.Count, parsed.GetValue(check));
            var wrong =
                result.Diagnostics.Count > 0 || parsed.GetValue(check) && result.Changed.Count > 0;
            return wrong ? ExitCodes.No : ExitCodes.Yes;
        });
        return command;
    }

    sealed record FormatResult(
        IReadOnlyList<string> Changed,
        IReadOnlyList<Diagnostic> Diagnostics,
        IReadOnlyList<PolicyText> Rejected
    );

    static FormatResult Format(IReadOnlyList<string> files, bool write)
    {
        var changed = new List<string>();
        var diagnostics = new List<Diagnostic>();
        var rejected = new List<PolicyText>();
        foreach (var file in files)
        {
            var text = new PolicyText(file, Encoding.UTF8.GetString(File.ReadAllBytes(file)));
            switch (PolicyFormat.Of(text))
            {
                case PolicyFormat.Rejected bad:
                    diagnostics.AddRange(bad.Diagnostics);
                    rejected.Add(text);
                    break;
                case PolicyFormat.Formatted formatted when formatted.Text != text.Text:
                    changed.Add(file);
                    if (write)
                        Replace(file, formatted.Text);
                    break;
            }
        }
        return new FormatResult(changed, diagnostics, rejected);
    }

    /// <summary>All of the file or nothing of it is new, whatever happens meanwhile.</summary>
    static void Replace(string file, string text)
    {
        var target = File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName ?? file;
        var written = $"{target}.{Environment.ProcessId}.new";
        try
        {
            File.WriteAllText(written, text);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(written, File.GetUnixFileMode(target));
            File.Move(written, target, overwrite: true);
        }
        finally
        {
            File.Delete(written);
        }
    }

    static void Say(TextWriter output, TextWriter error, FormatResult result, int files, bool check)
    {
        foreach (var file in result.Changed)
            output.WriteLine(check ? $"not formatted: {file}" : $"formatted: {file}");
        if (result.Diagnostics.Count > 0)
            error.WriteDiagnostics(result.Diagnostics, result.Rejected);
        var changed = result.Changed.Count;
        var rest = files - changed - result.Rejected.Count;
        output.WriteLine(
            $"{PolicyFiles.Count(files)}: {changed} {(check ? "to format" : "formatted")}, "
                + $"{rest} already as they should be"
                + (result.Rejected.Count > 0 ? $", {result.Rejected.Count} not readable." : ".")
        );
    }
}
