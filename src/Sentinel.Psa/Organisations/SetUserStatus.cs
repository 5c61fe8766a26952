using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Organisations;

/// <summary>Disables a person or lets them back in. The disabled can do nothing and keep everything.</summary>
public sealed class SetUserStatus(SentinelDatabase database)
{
    public Task<Outcome<Guid>> RunAsync(
        Secret secret,
        Guid userId,
        bool active,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed(active ? "user.enable" : "user.disable", "user", userId, userId),
            work => InAsync(work, userId, active, cancellation),
            cancellation
        );

    static async Task<Outcome<Guid>> InAsync(
        PresentedTransaction work,
        Guid userId,
        bool active,
        CancellationToken cancellation
    )
    {
        if (!await PersonStore.ExistsAsync(work, userId, cancellation))
            return new Outcome<Guid>.NotFound($"user {userId}");
        if (await PermissionStore.LackingAsync(work, "user.manage", cancellation) is { } refusal)
            return new Outcome<Guid>.Declined(refusal);
        const string sql = "UPDATE psa.users SET status = $2 WHERE id = $1";
        await using var command = work.Command(sql).With(userId, active ? "active" : "disabled");
        await command.ExecuteNonQueryAsync(cancellation);
        return new Outcome<Guid>.Done(userId);
    }
}
