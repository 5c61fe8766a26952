using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Organisations;

/// <summary>Somebody who works in Sentinel, or an account behind which others stand.</summary>
/// <param name="Status">active or disabled.</param>
/// <param name="Roles">By name, those in force.</param>
/// <param name="HeldBy">Who stands behind it, where it is nobody's own.</param>
public sealed record KnownUser(
    Guid Id,
    string Email,
    string DisplayName,
    string Status,
    IReadOnlyList<string> Roles,
    IReadOnlyList<Guid> HeldBy
);

/// <summary>The people of the presented organisation, by address: whom work can be given to, and who may what.</summary>
public sealed class ListUsers(SentinelDatabase database)
{
    public Task<Outcome<IReadOnlyList<KnownUser>>> RunAsync(
        Secret secret,
        CancellationToken cancellation
    ) =>
        AttemptStore.ListAsync(
            database.Psa,
            secret,
            new Deed("user.read", "user", null, null),
            "user.read",
            work => AllAsync(work, cancellation),
            cancellation
        );

    static async Task<IReadOnlyList<KnownUser>> AllAsync(
        PresentedTransaction work,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT u.id, u.email, u.display_name, u.status,
                ARRAY(SELECT r.name FROM psa.user_roles g JOIN psa.roles r ON r.id = g.role_id
                    WHERE g.user_id = u.id AND g.ended_at IS NULL ORDER BY r.name),
                ARRAY(SELECT h.person_id FROM psa.account_holders h WHERE h.account_id = u.id ORDER BY h.added_at)
            FROM psa.users u ORDER BY u.email
            """;
        await using var command = work.Command(sql);
        return await command.AllAsync(
            row => new KnownUser(
                row.GetGuid(0),
                row.GetString(1),
                row.GetString(2),
                row.GetString(3),
                row.GetFieldValue<string[]>(4),
                row.GetFieldValue<Guid[]>(5)
            ),
            cancellation
        );
    }
}
