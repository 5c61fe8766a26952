using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Cases;

namespace Sentinel.Psa.Assets;

/// <summary>Says that a case is about an asset: a reference, never a copy. Answers with all of them.</summary>
public sealed class LinkAsset(SentinelDatabase database)
{
    public Task<Outcome<IReadOnlyList<CaseAsset>>> RunAsync(
        Secret secret,
        Guid caseId,
        Guid assetId,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("asset.link", "asset", assetId, caseId),
            work => InAsync(work, caseId, assetId, cancellation),
            cancellation
        );

    static async Task<Outcome<IReadOnlyList<CaseAsset>>> InAsync(
        PresentedTransaction work,
        Guid caseId,
        Guid assetId,
        CancellationToken cancellation
    )
    {
        if (await CaseStore.LockAsync(work, caseId, cancellation) is null)
            return new Outcome<IReadOnlyList<CaseAsset>>.NotFound($"case {caseId}");
        if (!await AssetStore.ExistsAsync(work, assetId, cancellation))
            return new Outcome<IReadOnlyList<CaseAsset>>.NotFound($"asset {assetId}");
        if (await PermissionStore.LackingAsync(work, "asset.link", cancellation) is { } refusal)
            return new Outcome<IReadOnlyList<CaseAsset>>.Declined(refusal);
        await CaseAssetStore.AddAsync(work, caseId, assetId, cancellation);
        return new Outcome<IReadOnlyList<CaseAsset>>.Done(
            await CaseAssetStore.OfCaseAsync(work, caseId, cancellation)
        );
    }
}
