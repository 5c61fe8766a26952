namespace Sentinel.Policies.Model;

/// <summary>One thing that is wrong with a text, where it stands, and what to do about it.</summary>
/// <param name="Code">POL001 and so on, never reused, each documented in docs/policy-language.md.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in characters.</param>
/// <param name="Length">How many characters the caret underlines.</param>
public sealed record Diagnostic(
    string Code,
    string Path,
    int Line,
    int Column,
    int Length,
    string Message,
    string? Help
)
{
    /// <summary>Something that may well be right: it is shown, and refuses nothing.</summary>
    public bool IsWarning { get; init; }
}
