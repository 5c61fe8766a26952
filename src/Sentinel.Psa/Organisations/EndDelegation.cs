using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Organisations;

/// <summary>Ends one's own delegation before its day; the deputy's tokens lose its permissions at once.</summary>
public sealed class EndDelegation(SentinelDatabase database, TimeProvider clock)
{
    public Task<Outcome<Guid>> RunAsync(
        Secret secret,
        Guid delegationId,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("delegation.end", "delegation", delegationId, null),
            work => InAsync(work, delegationId, cancellation),
            cancellation
        );

    async Task<Outcome<Guid>> InAsync(
        PresentedTransaction work,
        Guid delegationId,
        CancellationToken cancellation
    )
    {
        const string sql = "UPDATE psa.delegations SET ended_at = $2 WHERE id = $1";
        await using var command = work.Command(sql).With(delegationId, clock.GetUtcNow());
        return await command.ExecuteNonQueryAsync(cancellation) == 1
            ? new Outcome<Guid>.Done(delegationId)
            : new Outcome<Guid>.NotFound($"delegation {delegationId}");
    }
}
