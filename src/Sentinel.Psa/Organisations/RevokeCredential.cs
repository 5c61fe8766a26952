using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Organisations;

/// <summary>Ends a credential before its day, with a reason. Everybody may end their own.</summary>
public sealed class RevokeCredential(SentinelDatabase database, TimeProvider clock)
{
    public Task<Outcome<Guid>> RunAsync(
        Secret secret,
        Guid credentialId,
        string reason,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("credential.revoke", "credential", credentialId, credentialId),
            work => InAsync(work, credentialId, reason, cancellation),
            cancellation
        );

    async Task<Outcome<Guid>> InAsync(
        PresentedTransaction work,
        Guid credentialId,
        string reason,
        CancellationToken cancellation
    )
    {
        const string find = """
            SELECT $2 IN (user_id, on_behalf_of) FROM psa.credentials WHERE id = $1
            """;
        await using var found = work.Command(find).With(credentialId, work.Actor.Id);
        var own = await found.ExecuteScalarAsync(cancellation);
        if (own is null)
            return new Outcome<Guid>.NotFound($"credential {credentialId}");
        var refusal =
            ReasonGiven.Missing("credential.revoke", reason)
            ?? (
                own is true
                    ? null
                    : await PermissionStore.LackingAsync(work, "credential.issue", cancellation)
            );
        if (refusal is not null)
            return new Outcome<Guid>.Declined(refusal);
        const string sql = """
            INSERT INTO psa.credential_revocations (credential_id, organisation_id, revoked_at, reason)
            VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
            """;
        await using var command = work.Command(sql)
            .With(credentialId, work.Actor.OrganisationId, clock.GetUtcNow(), reason);
        await command.ExecuteNonQueryAsync(cancellation);
        return new Outcome<Guid>.Done(credentialId);
    }
}
