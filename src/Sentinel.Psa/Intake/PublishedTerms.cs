using Sentinel.Contract;
using Sentinel.Policies.Store;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Published;

namespace Sentinel.Psa.Intake;

/// <summary>
/// Escalations as they are published. The named text is taken exactly, also where a later version is
/// active by now; what it refers to in other files is taken as it is active.
/// </summary>
public sealed class PublishedTerms : IEscalationTerms
{
    public async Task<EscalationTerms?> FindAsync(
        PresentedTransaction work,
        PolicyReference policy,
        CancellationToken cancellation
    )
    {
        var organisation = work.Actor.OrganisationId;
        var named = await PolicyStore.FindByHashAsync(
            work.Connection,
            organisation,
            [policy.Sha256],
            cancellation
        );
        if (named.Count == 0)
            return null;
        var active = await PolicyStore.LoadActiveAsync(work.Connection, organisation, cancellation);
        var found = LoadedPolicies.Load([
            named[0].Text,
            .. active.Select(one => one.Text).Where(text => text.Path != named[0].Text.Path),
        ]);
        var declared = found?.Escalations.FirstOrDefault(one =>
            one.Name == policy.Name && one.Text.Sha256 == policy.Sha256
        );
        return declared is null
            ? null
            : new EscalationTerms(
                declared,
                found!.Slas.FirstOrDefault(sla => sla.Name == declared.Sla)
            );
    }
}
