using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Organisations;

/// <param name="Scope">organisation, case, task or evidence: what its permissions can be about.</param>
/// <param name="Permissions">Noun and verb: <c>case.close</c>.</param>
public sealed record KnownRole(
    Guid Id,
    string Name,
    string Scope,
    IReadOnlyList<string> Permissions
);

/// <summary>The roles of the presented organisation, by name, and what each may do.</summary>
public sealed class ListRoles(SentinelDatabase database)
{
    public Task<Outcome<IReadOnlyList<KnownRole>>> RunAsync(
        Secret secret,
        CancellationToken cancellation
    ) =>
        AttemptStore.ListAsync(
            database.Psa,
            secret,
            new Deed("role.read", "role", null, null),
            "user.read",
            work => AllAsync(work, cancellation),
            cancellation
        );

    static async Task<IReadOnlyList<KnownRole>> AllAsync(
        PresentedTransaction work,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT r.id, r.name, r.scope, ARRAY(SELECT p.permission FROM psa.role_permissions p
                WHERE p.role_id = r.id ORDER BY p.permission)
            FROM psa.roles r ORDER BY r.name
            """;
        await using var command = work.Command(sql);
        return await command.AllAsync(
            row => new KnownRole(
                row.GetGuid(0),
                row.GetString(1),
                row.GetString(2),
                row.GetFieldValue<string[]>(3)
            ),
            cancellation
        );
    }
}
