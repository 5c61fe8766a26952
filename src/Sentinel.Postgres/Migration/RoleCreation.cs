using Npgsql;

namespace Sentinel.Postgres.Migration;

/// <summary>
/// Makes the roles that are missing, keeps their passwords in the data directory, and lends the owner
/// to the migrating user for the length of one run.
/// </summary>
sealed class RoleCreation(
    NpgsqlConnection connection,
    NpgsqlConnectionStringBuilder settings,
    DataDirectory dataDirectory
)
{
    // By this mark a role is known as ours. Another application's role 'jobs' is left alone.
    const string Mark = "Sentinel: made by sentinel migrate";

    public async Task<IReadOnlyList<string>> CreateAsync(CancellationToken cancellation)
    {
        List<string> made = [];
        foreach (var role in SentinelRoles.WithLogin.Prepend(SentinelRoles.Owner))
            if (!await IsOursAsync(role, cancellation))
            {
                await MakeAsync(role, cancellation);
                made.Add("role " + role);
            }
        foreach (var role in SentinelRoles.WithLogin)
            if (!await CanLogInAsync(role, cancellation))
            {
                await SetPasswordAsync(role, cancellation);
                made.Add("password of " + role);
            }
        return made;
    }

    /// <summary>A superuser need not be granted the owner; anybody else is, until the end.</summary>
    public async Task BecomeOwnerAsync(CancellationToken cancellation)
    {
        if (!await IsSuperuserAsync(cancellation))
            await RunAsync($"GRANT {SentinelRoles.Owner} TO CURRENT_USER", cancellation);
        await RunAsync(
            """
            DO $$ BEGIN
                EXECUTE format('GRANT CREATE ON DATABASE %I TO sentinel_owner',
                    current_database());
            END $$
            """,
            cancellation
        );
    }

    /// <summary>Afterwards nobody is a member of the owner, whatever happened in between.</summary>
    public Task LeaveOwnerAsync() =>
        RunAsync(
            """
            RESET ROLE;
            DO $$
            DECLARE
                member name;
            BEGIN
                EXECUTE format('REVOKE CREATE ON DATABASE %I FROM sentinel_owner',
                    current_database());
                FOR member IN
                    SELECT m.rolname FROM pg_auth_members g JOIN pg_roles m ON m.oid = g.member
                    WHERE g.roleid = 'sentinel_owner'::regrole
                LOOP
                    EXECUTE format('REVOKE sentinel_owner FROM %I', member);
                END LOOP;
            END $$
            """,
            CancellationToken.None
        );

    async Task<bool> IsOursAsync(string role, CancellationToken cancellation)
    {
        const string sql = """
            SELECT coalesce(shobj_description(oid, 'pg_authid'), '')
            FROM pg_roles WHERE rolname = $1
            """;
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddWithValue(role);
        return await command.ExecuteScalarAsync(cancellation) switch
        {
            null => false,
            Mark => true,
            _ => throw new OperationFailedException(
                $"The server at {settings.Host} already has a role '{role}' that is not "
                    + "Sentinel's: rename that role, or give Sentinel a server of its own."
            ),
        };
    }

    async Task MakeAsync(string role, CancellationToken cancellation)
    {
        var login = role == SentinelRoles.Owner ? "NOLOGIN" : "LOGIN";
        // BYPASSRLS, SUPERUSER and REPLICATION are off by default, and only a superuser may name them.
        await RunAsync(
            $"CREATE ROLE {role} {login} NOINHERIT NOCREATEROLE NOCREATEDB;"
                + $"COMMENT ON ROLE {role} IS '{Mark}'",
            cancellation
        );
    }

    async Task<bool> CanLogInAsync(string role, CancellationToken cancellation)
    {
        if (dataDirectory.ReadSecret(role) is null)
            return false;
        const string sql = "SELECT rolcanlogin FROM pg_roles WHERE rolname = $1";
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddWithValue(role);
        if (await command.ExecuteScalarAsync(cancellation) is not true)
            await RunAsync($"ALTER ROLE {role} LOGIN", cancellation);
        var asRole = new NpgsqlConnectionStringBuilder(
            SentinelDatabase.ForRole(settings, role, dataDirectory)
        )
        {
            Pooling = false,
        };
        try
        {
            await using var attempt = new NpgsqlConnection(asRole.ConnectionString);
            await attempt.OpenAsync(cancellation);
            return true;
        }
        catch (PostgresException refused)
        {
            // Without CONNECT yet (the first run, cut short) the password was right all the same.
            return refused.SqlState == PostgresErrorCodes.InsufficientPrivilege;
        }
    }

    async Task SetPasswordAsync(string role, CancellationToken cancellation)
    {
        var password = dataDirectory.ReadOrMakeSecret(role, ScramVerifier.NewPassword);
        // The server gets the verifier, so that no log of statements holds the password.
        var verifier = ScramVerifier.For(password);
        await RunAsync($"ALTER ROLE {role} PASSWORD '{verifier}'", cancellation);
    }

    async Task<bool> IsSuperuserAsync(CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            "SELECT rolsuper FROM pg_roles WHERE rolname = current_user",
            connection
        );
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    async Task RunAsync(string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
