using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Organisations;

/// <summary>
/// Says who stands behind an account that is nobody's own: a shared one, or a second one. What is done
/// under it is the work of each of them, and nothing is decided under it any more.
/// </summary>
public sealed class HoldAccount(SentinelDatabase database, TimeProvider clock)
{
    public Task<Outcome<Guid>> RunAsync(
        Secret secret,
        Guid accountId,
        Guid personId,
        string reason,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("account.hold", "account_holder", accountId, accountId),
            work => InAsync(work, accountId, personId, reason, cancellation),
            cancellation
        );

    async Task<Outcome<Guid>> InAsync(
        PresentedTransaction work,
        Guid accountId,
        Guid personId,
        string reason,
        CancellationToken cancellation
    )
    {
        foreach (var user in (Guid[])[accountId, personId])
            if (!await PersonStore.ExistsAsync(work, user, cancellation))
                return new Outcome<Guid>.NotFound($"user {user}");
        var refusal =
            await PermissionStore.UnfitAsync(work, "account.hold", cancellation)
            ?? await PermissionStore.LackingAsync(work, "user.manage", cancellation)
            ?? ReasonGiven.Missing("account.hold", reason);
        if (refusal is not null)
            return new Outcome<Guid>.Declined(refusal);
        const string sql = """
            INSERT INTO psa.account_holders
                (id, organisation_id, account_id, person_id, reason, added_by, added_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """;
        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        await using var command = work.Command(sql)
            .With(id, work.Actor.OrganisationId, accountId, personId, reason, work.Actor.Id, now);
        await command.ExecuteNonQueryAsync(cancellation);
        return new Outcome<Guid>.Done(id);
    }
}
