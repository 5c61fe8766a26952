using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Outbound;

/// <summary>The systems that can be asked to act, by name. Their secrets are not told again.</summary>
public sealed class ListConnectors(SentinelDatabase database)
{
    public async Task<Outcome<IReadOnlyList<Connector>>> RunAsync(
        Secret secret,
        CancellationToken cancellation
    )
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database.Psa,
            secret,
            cancellation
        );
        return await PermissionStore.LackingAsync(work, "task.read", cancellation) is { } refusal
            ? new Outcome<IReadOnlyList<Connector>>.Declined(refusal)
            : new Outcome<IReadOnlyList<Connector>>.Done(
                await OutboundStore.ConnectorsAsync(work, cancellation)
            );
    }
}
