using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Organisations;

/// <summary>Gives a person a role, for the first time or again. Nobody gives one to themselves.</summary>
public sealed class GiveRole(SentinelDatabase database)
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
            new Deed("role.give", "user_role", userId, userId),
            work => InAsync(work, userId, role, cancellation),
            cancellation
        );

    static async Task<Outcome<Guid>> InAsync(
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
            INSERT INTO psa.user_roles (organisation_id, user_id, role_id)
            SELECT organisation_id, $1, id FROM psa.roles WHERE name = $2
            ON CONFLICT (user_id, role_id) DO UPDATE SET ended_at = NULL
            """;
        await using var command = work.Command(sql).With(userId, role);
        return await command.ExecuteNonQueryAsync(cancellation) == 1
            ? new Outcome<Guid>.Done(userId)
            : new Outcome<Guid>.NotFound($"role {role}");
    }
}
