using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary>Clauses that a declaration has once: finds them, and reports a second or a missing one.</summary>
sealed class OnceOnly(Reporter reporter, DeclarationSyntax declaration)
{
    public T? Optional<T>(string? keyword = null)
        where T : ClauseSyntax
    {
        var found = declaration
            .Of<T>()
            .Where(c => keyword is null || c.At.Value == keyword)
            .ToList();
        foreach (var (at, _) in found.Skip(1))
            ReportRepeated(reporter, at);
        return found.Count > 0 ? found[0].Clause : null;
    }

    public T? Required<T>(string what, string example, string? keyword = null)
        where T : ClauseSyntax
    {
        var found = Optional<T>(keyword);
        // Where a clause could not be read, it may be the one that seems to be missing.
        if (found is null && !declaration.Damaged)
            reporter.MissingClause(
                declaration.Name,
                $"The {declaration.Keyword.Value} {declaration.Name} does not say {what}.",
                $"Add '{example}'."
            );
        return found;
    }

    public static void ReportRepeated(Reporter reporter, Token at) =>
        reporter.Add(
            Codes.RepeatedClause,
            at.Place,
            at.IsQuoted
                ? "This is a second description."
                : $"This is a second {at}: a declaration has it once.",
            "Remove one of them."
        );
}
