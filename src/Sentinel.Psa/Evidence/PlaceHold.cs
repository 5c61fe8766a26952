using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Evidence;

/// <summary>Keeps what happened from one time until another from being archived; detection is told.</summary>
public sealed class PlaceHold(SentinelDatabase database, TimeProvider clock)
{
    /// <param name="until">Null for all that comes.</param>
    public Task<Outcome<PlacedHold>> RunAsync(
        Secret secret,
        DateTimeOffset from,
        DateTimeOffset? until,
        string reason,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("hold.place", "legal_hold", null, null),
            work => InAsync(work, from, until, reason, cancellation),
            cancellation
        );

    async Task<Outcome<PlacedHold>> InAsync(
        PresentedTransaction work,
        DateTimeOffset from,
        DateTimeOffset? until,
        string reason,
        CancellationToken cancellation
    )
    {
        var refusal =
            await PermissionStore.UnlessPersonMayAsync(work, "hold", "hold.place", cancellation)
            ?? ReasonGiven.Missing("hold.place", reason)
            ?? (
                until <= from
                    ? new RuleRefusal(
                        "hold.place.times",
                        "a hold ends after it begins",
                        "the same person, with such times"
                    )
                    : null
            );
        if (refusal is not null)
            return new Outcome<PlacedHold>.Declined(refusal);
        var now = clock.GetUtcNow();
        var hold = new PlacedHold(
            Guid.CreateVersion7(now),
            from,
            until,
            reason,
            work.Actor.Id,
            now
        );
        const string sql = """
            INSERT INTO psa.legal_holds
                (id, organisation_id, held_from, held_until, reason, placed_by, placed_at)
            VALUES ($1, $2, $3, $4::timestamptz, $5, $6, $7)
            """;
        await using var command = work.Command(sql)
            .With(hold.Id, work.Actor.OrganisationId, from, until, reason, hold.PlacedBy, now);
        await command.ExecuteNonQueryAsync(cancellation);
        return new Outcome<PlacedHold>.Done(hold);
    }
}
