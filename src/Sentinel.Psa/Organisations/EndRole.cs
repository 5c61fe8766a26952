using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Organisations;

/// <summary>Takes a role from a person, at once and for every token; it can be given again.</summary>
public sealed class EndRole(SentinelDatabase database, TimeProvider clock)
{
    public Task<Outcome<Guid>> RunAsync(
        Secret secret,
        Guid userId,
        string role,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("role.end", "user_role", userId, userId),
            work => InAsync(work, userId, role, cancellation),
            cancellation
        );

    async Task<Outcome<Guid>> InAsync(
        PresentedTransaction work,
        Guid userId,
        string role,
        CancellationToken cancellation
    )
    {
        if (!await PersonStore.ExistsAsync(work, userId, cancellation))
            return new Outcome<Guid>.NotFound($"user {userId}");
        var refusal =
            await PermissionStore.UnfitAsync(work, "user.manage", cancellation)
            ?? await PermissionStore.LackingAsync(work, "user.manage", cancellation);
        if (refusal is not null)
            return new Outcome<Guid>.Declined(refusal);
        const string sql = """
            UPDATE psa.user_roles u SET ended_at = $3 FROM psa.roles r
            WHERE r.id = u.role_id AND u.user_id = $1 AND r.name = $2 AND u.ended_at IS NULL
            """;
        await using var command = work.Command(sql).With(userId, role, clock.GetUtcNow());
        return await command.ExecuteNonQueryAsync(cancellation) == 1
            ? new Outcome<Guid>.Done(userId)
            : new Outcome<Guid>.NotFound($"role {role} of that user");
    }
}
