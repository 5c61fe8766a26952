using Sentinel.Policies;
using Sentinel.Policies.Model;
using Sentinel.Siem.Rules;

namespace Sentinel.Siem.Detection;

/// <summary>Which sources and rules run: the shipped ones, or somebody's own over the shipped sources.</summary>
sealed record PolicySelection(
    FieldTable Fields,
    IReadOnlyList<SourceDeclaration> Sources,
    IReadOnlyList<SourceDeclaration> ShippedSources,
    IReadOnlyList<RuleDeclaration> Rules
)
{
    const string Source = "source";

    /// <summary>Null, and what is wrong with the text, where it cannot be loaded.</summary>
    /// <param name="added">Rules beside those: what is wrong in one of them leaves that one out.</param>
    public static PolicySelection? Load(
        IReadOnlyList<PolicyText> shipped,
        IReadOnlyList<PolicyText>? own,
        IReadOnlyList<PolicyText> added,
        out IReadOnlyList<Diagnostic> diagnostics
    )
    {
        diagnostics = [];
        var fields = EventFields.CreateTable();
        var taken = (own ?? []).SelectMany(SourceNames).ToHashSet(StringComparer.Ordinal);
        var beside = own is null ? [] : shipped.Select(text => SourcesOf(text, taken)).ToList();
        IReadOnlyList<PolicyText> whole = own is null ? shipped : [.. own, .. beside];
        switch (Policy.Load([.. whole, .. added], fields))
        {
            case PolicyLoad.Rejected rejected:
                diagnostics = rejected.Diagnostics;
                var bad = diagnostics.Where(d => !d.IsWarning).Select(d => d.Path).ToHashSet();
                List<PolicyText> good = [.. added.Where(text => !bad.Contains(text.Path))];
                if (good.Count == added.Count)
                    return null;
                var without = Load(shipped, own, good, out var others);
                diagnostics = [.. diagnostics, .. others];
                return without;
            case PolicyLoad.Loaded { Policy: var policy }:
                var ownTexts = (own ?? shipped).ToHashSet();
                return new PolicySelection(
                    fields,
                    [.. policy.Sources.Where(s => ownTexts.Contains(s.Text))],
                    [.. policy.Sources.Where(s => !ownTexts.Contains(s.Text))],
                    policy.Rules
                );
            default:
                throw new InvalidOperationException("A load of an unknown kind.");
        }
    }

    static IEnumerable<string> SourceNames(PolicyText text) =>
        DeclarationLines.Of(text).Where(d => d.Kind == Source).Select(d => d.Name);

    /// <summary>
    /// The file's sources alone: the shipped rules are replaced, and a source of somebody's own takes the
    /// place of the shipped one of its name.
    /// </summary>
    static PolicyText SourcesOf(PolicyText text, HashSet<string> taken) =>
        DeclarationLines.Keep(text, d => d.Kind == Source && !taken.Contains(d.Name));
}
