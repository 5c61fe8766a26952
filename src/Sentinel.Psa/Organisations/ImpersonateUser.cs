using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Organisations;

/// <summary>
/// A credential to see and do what another may, without having been named by them: for support, for
/// hours, with a reason. Both names stand beside everything that is done with it; it decides nothing.
/// </summary>
public sealed class ImpersonateUser(SentinelDatabase database, TimeProvider clock)
{
    const int ImpersonationHoursMax = 8;

    public Task<Outcome<IssuedCredential>> RunAsync(
        Secret secret,
        Guid userId,
        TimeSpan validFor,
        string reason,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("impersonation.begin", "delegation", null, userId),
            work => InAsync(work, userId, validFor, reason, cancellation),
            cancellation
        );

    async Task<Outcome<IssuedCredential>> InAsync(
        PresentedTransaction work,
        Guid userId,
        TimeSpan validFor,
        string reason,
        CancellationToken cancellation
    )
    {
        if (!await PersonStore.ExistsAsync(work, userId, cancellation))
            return new Outcome<IssuedCredential>.NotFound($"user {userId}");
        var refusal =
            await PermissionStore.UnfitAsync(work, "impersonation", cancellation)
            ?? await PermissionStore.LackingAsync(work, "user.impersonate", cancellation)
            ?? ReasonGiven.Missing("impersonation", reason)
            ?? TooLong(validFor);
        if (refusal is not null)
            return new Outcome<IssuedCredential>.Declined(refusal);
        const string sql = """
            INSERT INTO psa.delegations (id, organisation_id, delegator_id, delegate_id, valid_from,
                valid_until, reason, kind)
            VALUES ($1, $2, $3, $4, $5, $6, $7, 'impersonation')
            """;
        var now = clock.GetUtcNow();
        await using var command = work.Command(sql)
            .With(
                Guid.CreateVersion7(now),
                work.Actor.OrganisationId,
                userId,
                work.Actor.Id,
                now,
                now + validFor,
                reason
            );
        await command.ExecuteNonQueryAsync(cancellation);
        return await IssueCredential.InAsync(
            work,
            new CredentialHolder.ForDelegate(work.Actor.Id, userId),
            validFor,
            now,
            cancellation
        );
    }

    static RuleRefusal? TooLong(TimeSpan validFor) =>
        validFor > TimeSpan.Zero && validFor.TotalHours <= ImpersonationHoursMax
            ? null
            : new RuleRefusal(
                "impersonation.hours",
                $"an impersonation lasts up to {ImpersonationHoursMax} hours, and more than none",
                "impersonate for a shorter time, and again"
            );
}
