using Sentinel.Policies.Model;

namespace Sentinel.Policies.Syntax;

/// <summary>Collects what is wrong with one file, and keeps its text to quote from.</summary>
sealed class Reporter(PolicyText file)
{
    readonly List<Diagnostic> diagnostics = [];

    public PolicyText File { get; } = file;

    public IReadOnlyList<Diagnostic> Diagnostics => diagnostics;

    public bool HasErrors => diagnostics.Exists(d => !d.IsWarning);

    public void Warn(string code, TextPlace place, string message, string help) =>
        Add(code, place, message, help, isWarning: true);

    public void Add(string code, TextPlace place, string message, string? help = null) =>
        Add(code, place, message, help, isWarning: false);

    void Add(string code, TextPlace place, string message, string? help, bool isWarning)
    {
        if (diagnostics.Count >= Limits.DiagnosticsPerFileMax)
            return;
        // A caret underlines one line: a place that spans several ends with its first.
        var lineEnd = File
            .Text.AsSpan(Math.Min(place.Offset, File.Text.Length))
            .IndexOfAny('\r', '\n');
        var length = lineEnd >= 0 ? Math.Min(place.Length, lineEnd) : place.Length;
        diagnostics.Add(
            new Diagnostic(
                code,
                File.Path,
                place.Line,
                place.Column,
                Math.Max(1, length),
                message,
                help
            )
            {
                IsWarning = isWarning,
            }
        );
    }

    /// <summary>The text of a place with its white space evened out.</summary>
    public string Quote(TextPlace place) =>
        string.Join(
            ' ',
            File.Text.Substring(place.Offset, place.Length)
                .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
        );
}
