using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Cases;

namespace Sentinel.Psa.Assets;

/// <summary>Takes a reference to an asset back, with a tombstone that says why. Answers with the rest.</summary>
public sealed class UnlinkAsset(SentinelDatabase database, TimeProvider clock)
{
    public Task<Outcome<IReadOnlyList<CaseAsset>>> RunAsync(
        Secret secret,
        Guid caseId,
        Guid assetId,
        string reason,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("asset.unlink", "asset", assetId, caseId),
            work => InAsync(work, caseId, assetId, reason, cancellation),
            cancellation
        );

    async Task<Outcome<IReadOnlyList<CaseAsset>>> InAsync(
        PresentedTransaction work,
        Guid caseId,
        Guid assetId,
        string reason,
        CancellationToken cancellation
    )
    {
        if (await CaseStore.LockAsync(work, caseId, cancellation) is null)
            return new Outcome<IReadOnlyList<CaseAsset>>.NotFound($"case {caseId}");
        if (await CaseAssetStore.IdAsync(work, caseId, assetId, cancellation) is not { } id)
            return new Outcome<IReadOnlyList<CaseAsset>>.NotFound(
                $"asset {assetId} in case {caseId}"
            );
        var refusal =
            await PermissionStore.LackingAsync(work, "asset.link", cancellation)
            ?? ReasonGiven.Missing("asset.unlink", reason);
        if (refusal is not null)
            return new Outcome<IReadOnlyList<CaseAsset>>.Declined(refusal);
        await TombstoneStore.InsertAsync(
            work,
            caseId,
            "case_asset",
            id,
            reason,
            clock.GetUtcNow(),
            cancellation
        );
        return new Outcome<IReadOnlyList<CaseAsset>>.Done(
            await CaseAssetStore.OfCaseAsync(work, caseId, cancellation)
        );
    }
}
