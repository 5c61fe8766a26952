using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Organisations;

/// <summary>
/// Lets another person act in one's name for a while. For that while the two count as one wherever
/// own work is asked about.
/// </summary>
public sealed class DelegateDuties(SentinelDatabase database, TimeProvider clock)
{
    const int DelegationDaysMax = 90;

    public Task<Outcome<Guid>> RunAsync(
        Secret secret,
        Guid delegateId,
        TimeSpan validFor,
        string reason,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("delegation.create", "delegation", null, null),
            work => InAsync(work, delegateId, validFor, reason, cancellation),
            cancellation
        );

    async Task<Outcome<Guid>> InAsync(
        PresentedTransaction work,
        Guid delegateId,
        TimeSpan validFor,
        string reason,
        CancellationToken cancellation
    )
    {
        if (!await PersonStore.ExistsAsync(work, delegateId, cancellation))
            return new Outcome<Guid>.NotFound($"user {delegateId}");
        var refusal =
            PermissionStore.UnlessPerson(work.Actor, "delegation")
            ?? (
                delegateId == work.Actor.Id
                    ? new RuleRefusal(
                        "delegation.self",
                        "nobody is their own deputy",
                        "name somebody else"
                    )
                    : null
            )
            ?? ReasonGiven.Missing("delegation", reason);
        if (
            refusal is null
            && (validFor <= TimeSpan.Zero || validFor.TotalDays > DelegationDaysMax)
        )
            refusal = new RuleRefusal(
                "delegation.days",
                $"a delegation lasts up to {DelegationDaysMax} days, and more than none",
                "delegate for a shorter time, and again"
            );
        if (refusal is not null)
            return new Outcome<Guid>.Declined(refusal);
        const string sql = """
            INSERT INTO psa.delegations (id, organisation_id, delegator_id, delegate_id, valid_from,
                valid_until, reason)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """;
        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        await using var command = work.Command(sql)
            .With(
                id,
                work.Actor.OrganisationId,
                work.Actor.Id,
                delegateId,
                now,
                now + validFor,
                reason
            );
        await command.ExecuteNonQueryAsync(cancellation);
        return new Outcome<Guid>.Done(id);
    }
}
