using Sentinel.Postgres;
using Sentinel.Postgres.Access;

namespace Sentinel.Policies.Store;

/// <summary>Every version that was ever published, for anybody of the organisation.</summary>
public sealed class ReadPolicyHistory(SentinelDatabase database)
{
    /// <param name="path">Null for all.</param>
    /// <returns>By path, the latest version first.</returns>
    public async Task<IReadOnlyList<PolicyVersion>> RunAsync(
        Secret secret,
        string? path,
        CancellationToken cancellation
    )
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database.Psa,
            secret,
            cancellation
        );
        return await PolicyStore.HistoryAsync(
            work.Connection,
            work.Actor.OrganisationId,
            path,
            cancellation
        );
    }
}
