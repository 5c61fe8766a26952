using Npgsql;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;

namespace Sentinel.Psa.Organisations;

/// <param name="Type">internal, customer or lab.</param>
public sealed record NewOrganisation(
    string Name,
    string Type,
    string AdministratorEmail,
    string AdministratorName
);

public abstract record CreateOrganisationOutcome
{
    /// <param name="AdministratorToken">Shown once: only its SHA-256 is stored.</param>
    public sealed record Created(
        Guid OrganisationId,
        Guid AdministratorId,
        Secret AdministratorToken
    ) : CreateOrganisationOutcome;

    public sealed record AlreadyThere(Guid OrganisationId) : CreateOrganisationOutcome;
}

/// <summary>
/// Founds an organisation: roles, machines with their credentials, and the first administrator, whose
/// approval is the bootstrap entry of the audit log. Only who may migrate can do it, since until now
/// there is nobody to ask.
/// </summary>
public sealed class CreateOrganisation(DataDirectory dataDirectory, TimeProvider clock)
{
    const int AdministratorTokenDays = 365;
    const int MachineCredentialDays = 3650;

    /// <param name="migratingConnectionString">The user that migrates, as <c>SENTINEL_DATABASE</c> names it.</param>
    public async Task<CreateOrganisationOutcome> RunAsync(
        string migratingConnectionString,
        NewOrganisation organisation,
        CancellationToken cancellation
    )
    {
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(migratingConnectionString)
            {
                Pooling = false,
            }.ConnectionString
        );
        await connection.OpenAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await BecomeOwnerAsync(connection, cancellation);
        var outcome = await FoundAsync(
            new FoundingStore(connection, transaction),
            organisation,
            cancellation
        );
        await LeaveOwnerAsync(connection, cancellation);
        await transaction.CommitAsync(cancellation);
        return outcome;
    }

    async Task<CreateOrganisationOutcome> FoundAsync(
        FoundingStore store,
        NewOrganisation organisation,
        CancellationToken cancellation
    )
    {
        if (await store.FindAsync(organisation.Name, cancellation) is { } known)
            return new CreateOrganisationOutcome.AlreadyThere(known);
        var now = clock.GetUtcNow();
        var organisationId = Guid.CreateVersion7(now);
        await store.OrganisationAsync(
            organisationId,
            organisation.Name,
            organisation.Type,
            now,
            cancellation
        );
        var roles = RoleSeeds.Roles.Keys.ToDictionary(name => name, _ => Guid.CreateVersion7(now));
        foreach (var (name, permissions) in RoleSeeds.Roles)
            await store.RoleAsync(organisationId, roles[name], name, permissions, cancellation);
        await MachinesAsync(store, organisationId, now, cancellation);
        var administratorId = Guid.CreateVersion7(now);
        await store.UserAsync(
            organisationId,
            administratorId,
            organisation.AdministratorEmail,
            organisation.AdministratorName,
            roles[RoleSeeds.Administrator],
            now,
            cancellation
        );
        var token = NewSecret.Person();
        await store.CredentialAsync(
            organisationId,
            administratorId,
            null,
            MachineSecrets.Sha256(token),
            now,
            now.AddDays(AdministratorTokenDays),
            cancellation
        );
        await store.BootstrapEntryAsync(organisationId, administratorId, cancellation);
        return new CreateOrganisationOutcome.Created(organisationId, administratorId, token);
    }

    async Task MachinesAsync(
        FoundingStore store,
        Guid organisationId,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var secrets = new MachineSecrets(dataDirectory);
        foreach (var (name, permissions) in RoleSeeds.Machines)
        {
            var machineId = Guid.CreateVersion7(now);
            await store.MachineAsync(
                organisationId,
                machineId,
                name,
                permissions,
                now,
                cancellation
            );
            await store.CredentialAsync(
                organisationId,
                null,
                machineId,
                MachineSecrets.Sha256(secrets.For(organisationId, name)),
                now,
                now.AddDays(MachineCredentialDays),
                cancellation
            );
        }
    }

    // A superuser may become the owner as it is; whoever else migrates lends it to themselves and
    // gives it back before the transaction ends, so that nobody stays a member.
    static async Task BecomeOwnerAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        const string sql = """
            DO $$ BEGIN
                IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
                    GRANT sentinel_owner TO CURRENT_USER;
                END IF;
            END $$;
            SET LOCAL ROLE sentinel_owner;
            """;
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    static async Task LeaveOwnerAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        const string sql = """
            RESET ROLE;
            DO $$ BEGIN
                IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
                    REVOKE sentinel_owner FROM CURRENT_USER;
                END IF;
            END $$;
            """;
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
