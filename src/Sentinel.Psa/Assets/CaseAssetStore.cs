using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Assets;

/// <summary>An asset that a case is about: a reference, never a copy.</summary>
public sealed record CaseAsset(
    Guid AssetId,
    string AssetType,
    string Name,
    string? ExternalRef,
    int Criticality,
    string Status
);

static class CaseAssetStore
{
    public static async Task AddAsync(
        PresentedTransaction work,
        Guid caseId,
        Guid assetId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO psa.case_assets (organisation_id, case_id, asset_id) VALUES ($1, $2, $3)
            """;
        await using var command = work.Command(sql)
            .With(work.Actor.OrganisationId, caseId, assetId);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>The reference in force, or null.</summary>
    public static async Task<Guid?> IdAsync(
        PresentedTransaction work,
        Guid caseId,
        Guid assetId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT a.id FROM psa.case_assets a
            WHERE a.organisation_id = $1 AND a.case_id = $2 AND a.asset_id = $3
              AND NOT psa.is_gone(a.organisation_id, 'case_asset', a.id)
            """;
        await using var command = work.Command(sql)
            .With(work.Actor.OrganisationId, caseId, assetId);
        return await command.ExecuteScalarAsync(cancellation) as Guid?;
    }

    public static async Task<IReadOnlyList<CaseAsset>> OfCaseAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT a.id, a.asset_type, a.name, a.external_ref, a.criticality, a.status
            FROM psa.case_assets c
            JOIN psa.assets a ON a.organisation_id = c.organisation_id AND a.id = c.asset_id
            WHERE c.organisation_id = $1 AND c.case_id = $2
              AND NOT psa.is_gone(c.organisation_id, 'case_asset', c.id)
            ORDER BY a.name, a.id
            """;
        await using var command = work.Command(sql).With(work.Actor.OrganisationId, caseId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<CaseAsset> assets = [];
        while (await reader.ReadAsync(cancellation))
            assets.Add(
                new CaseAsset(
                    reader.GetGuid(0),
                    reader.GetString(1),
                    reader.GetString(2),
                    reader.TextOrNull(3),
                    reader.GetInt32(4),
                    reader.GetString(5)
                )
            );
        return assets;
    }
}
