using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Assets;

/// <summary>A retired asset takes no new work and keeps its history.</summary>
public sealed class RetireAsset(SentinelDatabase database)
{
    public Task<Outcome<Guid>> RunAsync(
        Secret secret,
        Guid assetId,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("asset.retire", "asset", assetId, assetId),
            work => InAsync(work, assetId, cancellation),
            cancellation
        );

    static async Task<Outcome<Guid>> InAsync(
        PresentedTransaction work,
        Guid assetId,
        CancellationToken cancellation
    )
    {
        if (await PermissionStore.LackingAsync(work, "asset.manage", cancellation) is { } refusal)
            return new Outcome<Guid>.Declined(refusal);
        const string sql = "UPDATE psa.assets SET status = 'retired' WHERE id = $1";
        await using var command = work.Command(sql).With(assetId);
        return await command.ExecuteNonQueryAsync(cancellation) == 1
            ? new Outcome<Guid>.Done(assetId)
            : new Outcome<Guid>.NotFound($"asset {assetId}");
    }
}
