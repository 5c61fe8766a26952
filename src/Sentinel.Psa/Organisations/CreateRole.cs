using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Organisations;

/// <summary>
/// Names a set of permissions that people can be given together. What a role may do stays as it is: a
/// different set is another role.
/// </summary>
public sealed class CreateRole(SentinelDatabase database, TimeProvider clock)
{
    /// <summary>What the permissions of a role can be about.</summary>
    public static IReadOnlyList<string> Scopes { get; } =
    ["organisation", "case", "task", "evidence"];

    /// <param name="scope">
    /// One of <see cref="Scopes"/>; a narrower one than the organisation's holds only permissions of its
    /// own kind of object.
    /// </param>
    public Task<Outcome<KnownRole>> RunAsync(
        Secret secret,
        string name,
        string scope,
        IReadOnlyCollection<string> permissions,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("role.create", "role", null, null),
            work => InAsync(work, name, scope, permissions, cancellation),
            cancellation
        );

    async Task<Outcome<KnownRole>> InAsync(
        PresentedTransaction work,
        string name,
        string scope,
        IReadOnlyCollection<string> permissions,
        CancellationToken cancellation
    )
    {
        var refusal =
            await PermissionStore.UnfitAsync(work, "user.manage", cancellation)
            ?? await PermissionStore.LackingAsync(work, "user.manage", cancellation)
            ?? TextGiven.NotAWord("role.name", "name of a role", name)
            ?? await UnknownAsync(work, name, scope, permissions, cancellation);
        if (refusal is not null)
            return new Outcome<KnownRole>.Declined(refusal);
        const string sql = """
            INSERT INTO psa.roles (id, organisation_id, name, scope) VALUES ($1, $2, $3, $4)
            """;
        const string permitted = """
            INSERT INTO psa.role_permissions (organisation_id, role_id, permission)
            SELECT $1, $2, unnest($3::text[])
            """;
        var role = new KnownRole(
            Guid.CreateVersion7(clock.GetUtcNow()),
            name,
            scope,
            [.. permissions.Distinct().Order(StringComparer.Ordinal)]
        );
        await using var insert = work.Command(sql)
            .With(role.Id, work.Actor.OrganisationId, name, scope);
        await insert.ExecuteNonQueryAsync(cancellation);
        await using var permit = work.Command(permitted)
            .With(work.Actor.OrganisationId, role.Id, role.Permissions.ToArray());
        await permit.ExecuteNonQueryAsync(cancellation);
        return new Outcome<KnownRole>.Done(role);
    }

    static async Task<RuleRefusal?> UnknownAsync(
        PresentedTransaction work,
        string name,
        string scope,
        IReadOnlyCollection<string> permissions,
        CancellationToken cancellation
    )
    {
        if (!Scopes.Contains(scope))
            return Wrong("role.scope", $"a role's scope is one of {string.Join(", ", Scopes)}");
        if (permissions.Count == 0)
            return Wrong("role.empty", "a role without a permission permits nothing");
        // A slip in a permission would permit nothing either, and nobody would see why.
        const string sql = """
            SELECT EXISTS (SELECT FROM psa.roles WHERE name = $1), (
                SELECT string_agg(coalesce(asked, 'null'), ', ') FROM unnest($2::text[]) AS asked
                WHERE NOT EXISTS (SELECT FROM psa.role_permissions WHERE permission = asked))
            """;
        await using var command = work.Command(sql).With(name, permissions.ToArray());
        await using var row = await command.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        return row.GetBoolean(0) ? Wrong("role.known", $"there is a role {name}")
            : row.TextOrNull(1) is { } unknown
                ? Wrong("role.permission", $"no role has a permission {unknown}")
            : null;
    }

    static RuleRefusal Wrong(string rule, string reason) =>
        new(rule, reason, "the same person, with what is asked for");
}
