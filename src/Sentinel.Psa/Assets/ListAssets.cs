using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Assets;

/// <param name="ExternalRef">Its id in the system that knows it best, or null.</param>
/// <param name="Names">Host names and addresses by which events know it.</param>
/// <param name="Criticality">0 to 10.</param>
/// <param name="Status">active or retired.</param>
public sealed record RegisteredAsset(
    Guid Id,
    string AssetType,
    string Name,
    string? ExternalRef,
    IReadOnlyList<string> Names,
    int Criticality,
    string Status
);

/// <summary>What work can be done to, by name, the retired too.</summary>
public sealed class ListAssets(SentinelDatabase database)
{
    const int AssetsMax = 200;

    /// <param name="named">
    /// Part of a name, of a name that events know it by, or of its id elsewhere, in any case; null for all.
    /// </param>
    /// <param name="after">The last asset of the page before, or null for the first page of 200.</param>
    public Task<Outcome<IReadOnlyList<RegisteredAsset>>> RunAsync(
        Secret secret,
        string? named,
        Guid? after,
        CancellationToken cancellation
    ) =>
        AttemptStore.ListAsync(
            database.Psa,
            secret,
            new Deed("asset.read", "asset", null, null),
            "asset.read",
            work => PageAsync(work, named, after, cancellation),
            cancellation
        );

    static async Task<IReadOnlyList<RegisteredAsset>> PageAsync(
        PresentedTransaction work,
        string? named,
        Guid? after,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT id, asset_type, name, external_ref, names, criticality, status FROM psa.assets
            WHERE ($1::text IS NULL OR EXISTS (
                SELECT FROM unnest(names || name || external_ref) AS known
                WHERE strpos(lower(known), lower($1)) > 0))
              AND ($2::uuid IS NULL OR (name, id) > (SELECT name, id FROM psa.assets WHERE id = $2))
            ORDER BY name, id LIMIT $3
            """;
        await using var command = work.Command(sql).With(named, after, AssetsMax);
        return await command.AllAsync(
            row => new RegisteredAsset(
                row.GetGuid(0),
                row.GetString(1),
                row.GetString(2),
                row.TextOrNull(3),
                row.GetFieldValue<string[]>(4),
                row.GetInt32(5),
                row.GetString(6)
            ),
            cancellation
        );
    }
}
