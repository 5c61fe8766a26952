using Sentinel.Policies.Formatting;
using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies;

/// <summary>A text in the one way to write it, or why it cannot be read.</summary>
public abstract record PolicyFormat
{
    public sealed record Formatted(string Text) : PolicyFormat;

    public sealed record Rejected(IReadOnlyList<Diagnostic> Diagnostics) : PolicyFormat;

    /// <summary>
    /// Says the same as before, with every comment where it stood; formatted again it stays as it is.
    /// Only what cannot be read is refused: names may stand in files that are not at hand.
    /// </summary>
    public static PolicyFormat Of(PolicyText file)
    {
        var reporter = new Reporter(file);
        new DeclarationParser(reporter).Parse();
        if (reporter.Diagnostics.Count > 0)
            return new Rejected(reporter.Diagnostics);
        var scanner = new Scanner(reporter);
        var declarations = Layout.Split(scanner.Scan());
        var text = new TextFormatter(declarations, scanner.Comments).Format();
        var most = Limits.TextCharsMaxOf(file.Text);
        if (text.Length <= most)
            return new Formatted(text);
        reporter.Add(
            Codes.TextTooLong,
            new TextPlace(0, 1, 1, 1),
            $"Formatted, the file would have {text.Length} characters, more than " + $"{most}.",
            "Split it: declarations of all files are read together."
        );
        return new Rejected(reporter.Diagnostics);
    }
}
