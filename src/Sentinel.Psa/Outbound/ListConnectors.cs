using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Outbound;

/// <summary>The systems that can be asked to act, by name. Their secrets are not told again.</summary>
public sealed class ListConnectors(SentinelDatabase database)
{
    public Task<Outcome<IReadOnlyList<Connector>>> RunAsync(
        Secret secret,
        CancellationToken cancellation
    ) =>
        AttemptStore.ListAsync(
            database.Psa,
            secret,
            new Deed("connector.read", "connector", null, null),
            "task.read",
            work => OutboundStore.ConnectorsAsync(work, cancellation),
            cancellation
        );
}
