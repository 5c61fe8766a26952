using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Glass;

/// <summary>What was taken in emergencies, the newest first, and what of it nobody has reviewed.</summary>
public sealed class ListGlass(SentinelDatabase database)
{
    public Task<Outcome<IReadOnlyList<GlassBreak>>> RunAsync(
        Secret secret,
        CancellationToken cancellation
    ) =>
        AttemptStore.ListAsync(
            database.Psa,
            secret,
            new Deed("glass.read", "glass", null, null),
            "audit.read",
            work => GlassStore.ListAsync(work, cancellation),
            cancellation
        );
}
