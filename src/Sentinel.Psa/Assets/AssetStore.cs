using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Assets;

static class AssetStore
{
    public static async Task<bool> ExistsAsync(
        PresentedTransaction work,
        Guid assetId,
        CancellationToken cancellation
    )
    {
        const string sql = "SELECT EXISTS (SELECT FROM psa.assets WHERE id = $1)";
        await using var command = work.Command(sql).With(assetId);
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    /// <summary>By its id in the system that knows it best.</summary>
    public static async Task<Guid?> FindAsync(
        PresentedTransaction work,
        string? externalRef,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT id FROM psa.assets WHERE organisation_id = $1 AND external_ref = $2
            """;
        await using var command = work.Command(sql).With(work.Actor.OrganisationId, externalRef);
        return await command.ExecuteScalarAsync(cancellation) as Guid?;
    }

    /// <summary>
    /// By its id elsewhere, its name, or a host name or address by which events know it; what is in use
    /// comes before what is retired. With how many cases about it are not closed yet.
    /// </summary>
    public static async Task<KnownAsset?> LookUpAsync(
        PresentedTransaction work,
        string name,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT a.id, a.asset_type, a.name, a.criticality, a.status, (
                SELECT count(*) FROM psa.case_assets l JOIN psa.cases c
                  ON c.organisation_id = l.organisation_id AND c.id = l.case_id
                WHERE l.organisation_id = a.organisation_id AND l.asset_id = a.id AND c.status <> 'closed')
            FROM psa.assets a
            WHERE a.organisation_id = $1 AND (a.external_ref = $2 OR a.name = $2 OR $2 = ANY (a.names))
            ORDER BY a.status, a.external_ref = $2 DESC NULLS LAST, a.name = $2 DESC, a.created_at, a.id LIMIT 1
            """;
        await using var command = work.Command(sql).With(work.Actor.OrganisationId, name);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? new KnownAsset(
                reader.GetGuid(0),
                reader.GetString(1),
                reader.GetString(2),
                reader.GetInt32(3),
                reader.GetString(4),
                reader.GetInt64(5)
            )
            : null;
    }
}

/// <param name="Criticality">0 to 10.</param>
/// <param name="Status">active or retired.</param>
/// <param name="OpenCases">About it, and not closed yet.</param>
sealed record KnownAsset(
    Guid Id,
    string AssetType,
    string Name,
    int Criticality,
    string Status,
    long OpenCases
);
