using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Organisations;

/// <summary>A token that was issued to somebody; what it is stands nowhere.</summary>
/// <param name="OnBehalfOf">In whose name it acts besides, or null.</param>
/// <param name="IssuedBy">Null for the one that the organisation was founded with.</param>
public sealed record KnownCredential(
    Guid Id,
    Guid? OnBehalfOf,
    Guid? IssuedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    DateTimeOffset? RevokedAt
);

/// <summary>One's own tokens, or with <c>credential.issue</c> those of anybody, the newest first: to revoke what was lost.</summary>
public sealed class ListCredentials(SentinelDatabase database)
{
    public Task<Outcome<IReadOnlyList<KnownCredential>>> RunAsync(
        Secret secret,
        Guid userId,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("credential.read", "credential", userId, userId),
            work => InAsync(work, userId, cancellation),
            cancellation
        );

    static async Task<Outcome<IReadOnlyList<KnownCredential>>> InAsync(
        PresentedTransaction work,
        Guid userId,
        CancellationToken cancellation
    )
    {
        if (!await PersonStore.ExistsAsync(work, userId, cancellation))
            return new Outcome<IReadOnlyList<KnownCredential>>.NotFound($"user {userId}");
        if (
            userId != work.Actor.Id
            && await PermissionStore.LackingAsync(work, "credential.issue", cancellation)
                is { } refusal
        )
            return new Outcome<IReadOnlyList<KnownCredential>>.Declined(refusal);
        const string sql = """
            SELECT c.id, c.on_behalf_of, c.issued_by, c.created_at, c.expires_at, r.revoked_at
            FROM psa.credentials c LEFT JOIN psa.credential_revocations r ON r.credential_id = c.id
            WHERE c.user_id = $1 ORDER BY c.created_at DESC, c.id
            """;
        await using var command = work.Command(sql).With(userId);
        return new Outcome<IReadOnlyList<KnownCredential>>.Done(
            await command.AllAsync(
                row => new KnownCredential(
                    row.GetGuid(0),
                    row.GuidOrNull(1),
                    row.GuidOrNull(2),
                    row.GetFieldValue<DateTimeOffset>(3),
                    row.GetFieldValue<DateTimeOffset>(4),
                    row.TimeOrNull(5)
                ),
                cancellation
            )
        );
    }
}
