using Sentinel.Policies.Model;

namespace Sentinel.Cli.Output;

/// <summary>Place, code, sentence, and a caret under what is meant.</summary>
static class DiagnosticText
{
    public static void WriteDiagnostics(
        this TextWriter error,
        IReadOnlyList<Diagnostic> diagnostics,
        IReadOnlyList<PolicyText> texts
    )
    {
        var lines = texts
            .DistinctBy(text => text.Path)
            .ToDictionary(text => text.Path, text => text.Text.Split('\n'));
        foreach (var diagnostic in diagnostics)
        {
            error.WriteLine(
                $"{diagnostic.Path}:{diagnostic.Line}:{diagnostic.Column} {diagnostic.Code} "
                    + (diagnostic.IsWarning ? "warning: " : "")
                    + $"{diagnostic.Message} {diagnostic.Help}".TrimEnd()
            );
            if (
                !lines.TryGetValue(diagnostic.Path, out var text)
                || diagnostic.Line < 1
                || diagnostic.Line > text.Length
            )
                continue;
            var line = text[diagnostic.Line - 1].TrimEnd('\r').Replace('\t', ' ');
            error.WriteLine(line);
            var before = Math.Clamp(diagnostic.Column - 1, 0, line.Length);
            var length = Math.Clamp(diagnostic.Length, 1, Math.Max(1, line.Length - before));
            error.WriteLine(new string(' ', before) + new string('^', length));
        }
        var warnings = diagnostics.Count(d => d.IsWarning);
        error.WriteLine(
            warnings == 0 ? $"{Counted(diagnostics.Count, "problem")}."
            : warnings == diagnostics.Count ? $"{Counted(warnings, "warning")}."
            : $"{Counted(diagnostics.Count - warnings, "problem")}, {Counted(warnings, "warning")}."
        );
    }

    static string Counted(int count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";
}
