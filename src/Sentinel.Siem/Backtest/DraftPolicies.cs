using Sentinel.Policies;
using Sentinel.Policies.Model;
using Sentinel.Siem.Rules;

namespace Sentinel.Siem.Backtest;

/// <summary>
/// A draft among the policies that are active: it replaces their files of its paths and their declarations
/// of its names. Sources and lists that it does not bring are those of the time of each event.
/// </summary>
sealed class DraftPolicies
{
    const string ShippedFolder = "policies/";
    static readonly string[] ofTheirTime = ["source", "list"];

    readonly IReadOnlyList<PolicyText> draft;
    readonly HashSet<(string, string)> taken;
    readonly List<PolicyText> others;

    public DraftPolicies(IReadOnlyList<PolicyText> draft, PolicySet active)
    {
        this.draft = draft;
        taken = [.. draft.SelectMany(DeclarationLines.Of)];
        others = [.. Kept(active, d => !IsOfItsTime(d))];
        var replaced = active.Texts.Select(t => t.Text).Where(IsReplaced).ToList();
        ReplacedRules = [.. replaced.SelectMany(RuleNames)];
    }

    /// <summary>Names of active rules in the files that the draft replaces.</summary>
    public IReadOnlyList<string> ReplacedRules { get; }

    /// <summary>As it would have been loaded with the sources and lists of that set.</summary>
    public PolicyLoad Beside(PolicySet then) =>
        Policy.Load([.. draft, .. others, .. Kept(then, IsOfItsTime)], EventFields.CreateTable());

    /// <summary>
    /// What the draft changes: its own rules; all of them, should it bring sources or lists, since those
    /// change what every rule sees.
    /// </summary>
    public IReadOnlyList<RuleDeclaration> ChangedRules(Policy policy) =>
        taken.Any(IsOfItsTime)
            ? policy.Rules
            : [.. policy.Rules.Where(rule => taken.Contains(("rule", rule.Name)))];

    IEnumerable<PolicyText> Kept(PolicySet set, Func<(string Kind, string Name), bool> wanted) =>
        set
            .Texts.Select(published => published.Text)
            .Where(text => !IsReplaced(text))
            .Select(text =>
                DeclarationLines.Keep(text, d => wanted(d) && !taken.Contains((d.Kind, d.Name)))
            );

    bool IsReplaced(PolicyText published) =>
        draft.Any(own =>
            own.Path == published.Path
            || ShippedFolder + own.Path == published.Path
            || own.Path == ShippedFolder + published.Path
        );

    static bool IsOfItsTime((string Kind, string Name) declared) =>
        ofTheirTime.Contains(declared.Kind);

    static IEnumerable<string> RuleNames(PolicyText text) =>
        DeclarationLines.Of(text).Where(d => d.Kind == "rule").Select(d => d.Name);
}
