using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Assets;

/// <param name="AssetType">endpoint, server, app, …</param>
/// <param name="ExternalRef">Its id in the system that knows it best, or null.</param>
/// <param name="Names">Host names and addresses by which events know it.</param>
/// <param name="Criticality">0 to 10.</param>
public sealed record NewAsset(
    string AssetType,
    string Name,
    string? ExternalRef,
    IReadOnlyList<string> Names,
    int Criticality
);

/// <summary>
/// Points to something that work can be done to. Detection learns of it through the outbox, which the
/// database fills in the same transaction.
/// </summary>
public sealed class RegisterAsset(SentinelDatabase database, TimeProvider clock)
{
    const int NameCharsMax = 200;
    const int CriticalityMax = 10;

    public Task<Outcome<Guid>> RunAsync(
        Secret secret,
        NewAsset asset,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("asset.register", "asset", null, null),
            work => InAsync(work, asset, cancellation),
            cancellation
        );

    async Task<Outcome<Guid>> InAsync(
        PresentedTransaction work,
        NewAsset asset,
        CancellationToken cancellation
    )
    {
        if (await PermissionStore.LackingAsync(work, "asset.manage", cancellation) is { } refusal)
            return new Outcome<Guid>.Declined(refusal);
        if (Unfit(asset) is { } unfit)
            return new Outcome<Guid>.Declined(unfit);
        // One asset, one reference: who registers it again is told which it is.
        if (await AssetStore.FindAsync(work, asset.ExternalRef, cancellation) is { } known)
            return new Outcome<Guid>.Declined(
                new RuleRefusal(
                    "asset.known",
                    $"{asset.ExternalRef} is registered already, as asset {known}",
                    "whoever needs it refers to that one"
                )
            );
        const string sql = """
            INSERT INTO psa.assets (id, organisation_id, asset_type, external_ref, name, names,
                criticality, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """;
        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        await using var command = work.Command(sql)
            .With(
                id,
                work.Actor.OrganisationId,
                asset.AssetType,
                asset.ExternalRef,
                asset.Name,
                asset.Names.ToArray(),
                asset.Criticality,
                now
            );
        await command.ExecuteNonQueryAsync(cancellation);
        return new Outcome<Guid>.Done(id);
    }

    static RuleRefusal? Unfit(NewAsset asset) =>
        TextGiven.NotAWord("asset.type", "type of an asset", asset.AssetType)
        ?? TextGiven.Unfit("asset.name", "name of an asset", asset.Name, NameCharsMax)
        ?? (
            asset.Criticality is < 0 or > CriticalityMax
                ? new RuleRefusal(
                    "asset.criticality",
                    $"a criticality is 0 to {CriticalityMax}",
                    "the same person, with one on the scale"
                )
                : null
        );
}
