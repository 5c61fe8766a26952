using Sentinel.Postgres.Access;

namespace Sentinel.Psa.Audit;

/// <summary>May the presented actor do this? The answer names who could, where it is no.</summary>
static class PermissionStore
{
    public static async Task<RuleRefusal?> LackingAsync(
        PresentedTransaction work,
        string permission,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT may, CASE WHEN NOT may THEN (
                SELECT string_agg(r.name, ', ' ORDER BY r.name)
                FROM psa.role_permissions p JOIN psa.roles r ON r.id = p.role_id
                WHERE p.permission = $1) END
            FROM access.permitted($1) AS may
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(permission);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        if (reader.GetBoolean(0))
            return null;
        var roles = await reader.IsDBNullAsync(1, cancellation) ? null : reader.GetString(1);
        return new RuleRefusal(
            "permission.missing",
            $"this needs the permission {permission}",
            roles is null ? "nobody: no role has it" : "somebody with one of the roles " + roles
        )
        {
            Able = roles is null ? null : new Able(permission),
        };
    }

    /// <summary>Tools, workflows, timers and imports never decide.</summary>
    public static RuleRefusal? UnlessPerson(Actor actor, string action) =>
        actor.Kind switch
        {
            ActorKind.Person => null,
            ActorKind.Machine => new RuleRefusal(
                action + ".person_only",
                "only a person may do this, never a machine's credential",
                "a person with the permission, under their own credential"
            ),
        };

    /// <summary>
    /// What keeps the actor from deciding anything: a machine, an account that others stand behind,
    /// somebody who only impersonates another.
    /// </summary>
    public static async Task<RuleRefusal?> UnfitAsync(
        PresentedTransaction work,
        string action,
        CancellationToken cancellation
    )
    {
        const string sql = "SELECT rule, missing, instead FROM psa.unfit_to_decide($1)";
        await using var command = work.Command(sql).With(action);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? new RuleRefusal(reader.GetString(0), reader.GetString(1), reader.GetString(2))
            : null;
    }

    /// <summary>A person, and then one with the permission.</summary>
    public static async Task<RuleRefusal?> UnlessPersonMayAsync(
        PresentedTransaction work,
        string action,
        string permission,
        CancellationToken cancellation
    ) => UnlessPerson(work.Actor, action) ?? await LackingAsync(work, permission, cancellation);
}
