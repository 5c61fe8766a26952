using Sentinel.Policies.Model;

namespace Sentinel.Policies;

/// <summary>
/// Everything that a set of policy files declares, checked and compiled against one field table: start here.
/// </summary>
public sealed record Policy(
    FieldTable Fields,
    IReadOnlyList<SourceDeclaration> Sources,
    IReadOnlyList<RuleDeclaration> Rules,
    IReadOnlyList<EscalationDeclaration> Escalations,
    IReadOnlyList<SlaDeclaration> Slas,
    IReadOnlyList<ListDeclaration> Lists
)
{
    /// <summary>
    /// Reads all files together, so that a rule may use a list of another file. Declares the sources'
    /// fields in <paramref name="fields"/>. Bad text gives every diagnostic at once and never throws.
    /// </summary>
    public static PolicyLoad Load(IEnumerable<PolicyText> texts, FieldTable fields) =>
        throw new NotSupportedException("under construction");
}

/// <summary>A policy, or what is wrong with the text.</summary>
public abstract record PolicyLoad
{
    public sealed record Loaded(Policy Policy) : PolicyLoad;

    public sealed record Rejected(IReadOnlyList<Diagnostic> Diagnostics) : PolicyLoad;
}

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
);
