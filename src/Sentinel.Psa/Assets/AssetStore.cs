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
}
