using Npgsql;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Organisations;

/// <summary>The rows that an organisation begins with, written by the owner of the schema.</summary>
sealed class FoundingStore(NpgsqlConnection owner, NpgsqlTransaction transaction)
{
    public async Task<Guid?> FindAsync(string name, CancellationToken cancellation)
    {
        const string sql = "SELECT id FROM psa.organisations WHERE name = $1";
        await using var command = Command(sql).With(name);
        return await command.ExecuteScalarAsync(cancellation) as Guid?;
    }

    public Task OrganisationAsync(
        Guid id,
        string name,
        string type,
        DateTimeOffset now,
        CancellationToken cancellation
    ) =>
        RunAsync(
            "INSERT INTO psa.organisations (id, name, type, created_at) VALUES ($1, $2, $3, $4)",
            cancellation,
            id,
            name,
            type,
            now
        );

    public async Task RoleAsync(
        Guid organisationId,
        Guid roleId,
        string name,
        IEnumerable<string> permissions,
        CancellationToken cancellation
    )
    {
        await RunAsync(
            """
            INSERT INTO psa.roles (id, organisation_id, name, scope) VALUES ($1, $2, $3, 'organisation')
            """,
            cancellation,
            roleId,
            organisationId,
            name
        );
        await RunAsync(
            """
            INSERT INTO psa.role_permissions (organisation_id, role_id, permission)
            SELECT $1, $2, unnest($3)
            """,
            cancellation,
            organisationId,
            roleId,
            permissions.ToArray()
        );
    }

    public async Task MachineAsync(
        Guid organisationId,
        Guid machineId,
        string name,
        IEnumerable<string> permissions,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await RunAsync(
            "INSERT INTO psa.machines (id, organisation_id, name, created_at) VALUES ($1, $2, $3, $4)",
            cancellation,
            machineId,
            organisationId,
            name,
            now
        );
        await RunAsync(
            """
            INSERT INTO psa.machine_permissions (organisation_id, machine_id, permission)
            SELECT $1, $2, unnest($3)
            """,
            cancellation,
            organisationId,
            machineId,
            permissions.ToArray()
        );
    }

    public async Task UserAsync(
        Guid organisationId,
        Guid userId,
        string email,
        string displayName,
        Guid roleId,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await RunAsync(
            """
            INSERT INTO psa.users (id, organisation_id, email, display_name, created_at)
            VALUES ($1, $2, $3, $4, $5)
            """,
            cancellation,
            userId,
            organisationId,
            email,
            displayName,
            now
        );
        await RunAsync(
            "INSERT INTO psa.user_roles (organisation_id, user_id, role_id) VALUES ($1, $2, $3)",
            cancellation,
            organisationId,
            userId,
            roleId
        );
    }

    public Task CredentialAsync(
        Guid organisationId,
        Guid? userId,
        Guid? machineId,
        byte[] secretSha256,
        DateTimeOffset now,
        DateTimeOffset expiresAt,
        CancellationToken cancellation
    ) =>
        RunAsync(
            """
            INSERT INTO psa.credentials (id, organisation_id, kind, user_id, machine_id, secret_sha256,
                created_at, expires_at)
            VALUES ($1, $2, CASE WHEN $3::uuid IS NULL THEN 'machine' ELSE 'person' END, $3, $4::uuid, $5,
                $6, $7)
            """,
            cancellation,
            Guid.CreateVersion7(now),
            organisationId,
            userId,
            machineId,
            secretSha256,
            now,
            expiresAt
        );

    /// <summary>The entry by which the first administrator is approved: nobody was there to do it.</summary>
    public Task BootstrapEntryAsync(
        Guid organisationId,
        Guid administratorId,
        CancellationToken cancellation
    ) =>
        RunAsync(
            """
            INSERT INTO psa.audit_log (organisation_id, action, entity_type, entity_id, subject_id, metadata)
            VALUES ($1, 'organisation.bootstrapped', 'organisation', $1, $1,
                jsonb_build_object('administrator', $2::uuid))
            """,
            cancellation,
            organisationId,
            administratorId
        );

    async Task RunAsync(string sql, CancellationToken cancellation, params object?[] values)
    {
        await using var command = Command(sql).With(values);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    NpgsqlCommand Command(string sql) => new(sql, owner, transaction);
}
