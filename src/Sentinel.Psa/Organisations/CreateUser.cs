using Npgsql;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Organisations;

/// <summary>Adds a person with roles. They can do nothing until a credential is issued to them.</summary>
public sealed class CreateUser(SentinelDatabase database, TimeProvider clock)
{
    const int EmailCharsMax = 320;
    const int NameCharsMax = 200;

    /// <param name="roles">By name, such as <see cref="RoleSeeds.Analyst"/>.</param>
    /// <returns>The user's id.</returns>
    public Task<Outcome<Guid>> RunAsync(
        Secret secret,
        string email,
        string displayName,
        IReadOnlyCollection<string> roles,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("user.create", "user", null, null),
            work => InAsync(work, email, displayName, roles, cancellation),
            cancellation
        );

    async Task<Outcome<Guid>> InAsync(
        PresentedTransaction work,
        string email,
        string displayName,
        IReadOnlyCollection<string> roles,
        CancellationToken cancellation
    )
    {
        var refusal =
            await PermissionStore.UnlessPersonMayAsync(
                work,
                "user.manage",
                "user.manage",
                cancellation
            )
            ?? TextGiven.Unfit("user.create.email", "address", email, EmailCharsMax)
            ?? TextGiven.Unfit("user.create.name", "name", displayName, NameCharsMax)
            ?? (
                await PersonStore.FindAsync(work, email, cancellation) is not null
                    ? new RuleRefusal(
                        "user.create.email",
                        $"there is a user {email}",
                        "another address"
                    )
                    : null
            );
        if (refusal is not null)
            return new Outcome<Guid>.Declined(refusal);
        const string sql = """
            INSERT INTO psa.users (id, organisation_id, email, display_name, created_at)
            VALUES ($1, $2, $3, $4, $5)
            """;
        var now = clock.GetUtcNow();
        var userId = Guid.CreateVersion7(now);
        await using var command = work.Command(sql)
            .With(userId, work.Actor.OrganisationId, email, displayName, now);
        await command.ExecuteNonQueryAsync(cancellation);
        foreach (var role in roles)
            if (!await GiveAsync(work, userId, role, cancellation))
                return new Outcome<Guid>.NotFound($"role {role}");
        return new Outcome<Guid>.Done(userId);
    }

    static async Task<bool> GiveAsync(
        PresentedTransaction work,
        Guid userId,
        string role,
        CancellationToken cancellation
    )
    {
        const string sql = """
            INSERT INTO psa.user_roles (organisation_id, user_id, role_id)
            SELECT organisation_id, $1, id FROM psa.roles WHERE name = $2
            """;
        await using NpgsqlCommand command = work.Command(sql).With(userId, role);
        return await command.ExecuteNonQueryAsync(cancellation) == 1;
    }
}
