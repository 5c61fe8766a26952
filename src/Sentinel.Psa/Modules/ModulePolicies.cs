using Sentinel.Contract;
using Sentinel.Policies;
using Sentinel.Policies.Model;
using Sentinel.Policies.Store;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Intake;
using Sentinel.Psa.Published;

namespace Sentinel.Psa.Modules;

/// <summary>The escalation that takes a finding, and the finding as tasks and workflows read it.</summary>
sealed record ChosenEscalation(EscalationTerms Terms, int Version, EscalatedFinding Finding);

/// <summary>What is published for a module: how its words become ours, and what its findings open.</summary>
sealed class ModulePolicies
{
    readonly IReadOnlyList<PolicyVersion> versions;
    readonly Policy? policy;

    ModulePolicies(IReadOnlyList<PolicyVersion> versions, Policy? policy, string mapping)
    {
        this.versions = versions;
        this.policy = policy;
        Mapping = policy?.Mappings.FirstOrDefault(one => one.Name == mapping);
    }

    public MappingDeclaration? Mapping { get; }

    /// <param name="mapping">Its name; null for the one that is called as the module is.</param>
    public static async Task<ModulePolicies> LoadAsync(
        PresentedTransaction work,
        string module,
        string? mapping,
        CancellationToken cancellation
    )
    {
        var active = await PolicyStore.LoadActiveAsync(
            work.Connection,
            work.Actor.OrganisationId,
            cancellation
        );
        return new ModulePolicies(
            active,
            LoadedPolicies.Load([.. active.Select(one => one.Text)]),
            mapping ?? module
        );
    }

    /// <summary>The first that holds, in their order; null where none does.</summary>
    public ChosenEscalation? Escalation(
        string module,
        ModuleFinding finding,
        MappedFinding mapped,
        FoundAssets assets
    )
    {
        var fields = new Dictionary<string, string>(finding.Fields, StringComparer.Ordinal)
        {
            ["source_system"] = module,
        };
        if (string.Join(", ", assets.Names.Concat(assets.Proposed)) is { Length: > 0 } names)
            fields["asset.name"] = names;
        var facts = new FindingFacts(
            mapped.Type,
            mapped.Severity,
            finding.Confidence,
            module,
            finding.Title,
            fields,
            assets.MostCritical,
            assets.Names.Count == 0 ? null : assets.Criticality
        );
        if (policy is null || facts.FirstOf(policy.Escalations) is not { } chosen)
            return null;
        return new ChosenEscalation(
            new EscalationTerms(chosen, policy.Slas.FirstOrDefault(sla => sla.Name == chosen.Sla)),
            versions.First(one => one.Text.Path == chosen.Text.Path).Version,
            new EscalatedFinding(
                Guid.Empty,
                mapped.Type,
                mapped.Severity,
                finding.Confidence ?? 0,
                finding.Title,
                default,
                fields,
                assets.Active
            )
        );
    }
}
