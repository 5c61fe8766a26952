using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Evidence;

/// <summary>Ends a legal hold: another person than the one who placed it, with a reason, once.</summary>
public sealed class LiftHold(SentinelDatabase database, TimeProvider clock)
{
    public Task<Outcome<PlacedHold>> RunAsync(
        Secret secret,
        Guid holdId,
        string reason,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("hold.lift", "legal_hold", holdId, holdId),
            work => InAsync(work, holdId, reason, cancellation),
            cancellation
        );

    async Task<Outcome<PlacedHold>> InAsync(
        PresentedTransaction work,
        Guid holdId,
        string reason,
        CancellationToken cancellation
    )
    {
        var holds = await HoldStore.ListAsync(work, cancellation);
        if (holds.FirstOrDefault(one => one.Id == holdId) is not { } hold)
            return new Outcome<PlacedHold>.NotFound($"legal hold {holdId}");
        var refusal =
            await PermissionStore.UnlessPersonMayAsync(work, "hold", "hold.lift", cancellation)
            ?? ReasonGiven.Missing("hold.lift", reason);
        if (refusal is not null)
            return new Outcome<PlacedHold>.Declined(refusal);
        var lifted = hold with
        {
            LiftedBy = work.Actor.Id,
            LiftedAt = clock.GetUtcNow(),
            LiftReason = reason,
        };
        const string sql = """
            UPDATE psa.legal_holds SET lifted_by = $2, lifted_at = $3, lift_reason = $4 WHERE id = $1
            """;
        await using var command = work.Command(sql)
            .With(holdId, lifted.LiftedBy, lifted.LiftedAt, reason);
        await command.ExecuteNonQueryAsync(cancellation);
        return new Outcome<PlacedHold>.Done(lifted);
    }
}
