using Npgsql;
using Sentinel.Policies.Model;
using Sentinel.Policies.Store;
using Sentinel.Postgres.Access;

namespace Sentinel.Siem.Rules;

/// <summary>Published policies as the schema policy keeps them.</summary>
public sealed class PolicyTextStore : IPolicyTextStore
{
    public async Task<IReadOnlyList<PublishedText>> ActiveAsync(
        PresentedTransaction work,
        CancellationToken cancellation
    )
    {
        var active = await PolicyStore.LoadActiveAsync(
            work.Connection,
            work.Actor.OrganisationId,
            cancellation
        );
        return [.. active.Select(one => new PublishedText(one.Text.Path, one.Version, one.Text))];
    }

    public async Task<IReadOnlyList<PolicyText>> TextsAsync(
        NpgsqlConnection connection,
        Guid organisationId,
        IReadOnlyList<string> sha256s,
        CancellationToken cancellation
    )
    {
        var found = await PolicyStore.FindByHashAsync(
            connection,
            organisationId,
            sha256s,
            cancellation
        );
        return [.. found.Select(one => one.Text).DistinctBy(text => text.Sha256)];
    }
}
