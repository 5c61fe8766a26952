using Npgsql;

namespace Sentinel.Postgres.Migration;

/// <summary>
/// The schemas, who may look into which, and the journal of applied scripts; and nothing for PUBLIC.
/// </summary>
static class SchemaCreation
{
    const string OpenToAll = "siem, psa, jobs, replay, signer, auditor, backup";

    // A role that may look into a schema may still touch only the tables that it was granted.
    static readonly (string Schema, string Readers)[] Schemas =
    [
        ("access", OpenToAll),
        ("psa", "psa, jobs, signer, auditor, backup"),
        ("policy", OpenToAll),
        ("workflow", "psa, jobs, signer, auditor, backup"),
        ("siem", "siem, jobs, replay, signer, auditor, backup"),
        ("hangfire", "jobs, backup"),
    ];

    public static async Task<IReadOnlyList<string>> CreateAsync(
        NpgsqlConnection connection,
        CancellationToken cancellation
    )
    {
        List<string> made = [];
        foreach (var (schema, readers) in Schemas)
            if (await CreateAsync(connection, schema, readers, cancellation))
                made.Add("schema " + schema);
        await RunAsync(connection, OnDatabase, cancellation);
        await RunAsync(connection, OnSchemas, cancellation);
        return made;
    }

    public static Task OpenHangfireAsync(
        NpgsqlConnection connection,
        CancellationToken cancellation
    ) => RunAsync(connection, AsOwner("GRANT CREATE ON SCHEMA hangfire TO jobs"), cancellation);

    public static Task CloseHangfireAsync(
        NpgsqlConnection connection,
        CancellationToken cancellation
    ) => RunAsync(connection, AsOwner("REVOKE CREATE ON SCHEMA hangfire FROM jobs"), cancellation);

    static async Task<bool> CreateAsync(
        NpgsqlConnection connection,
        string schema,
        string readers,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT nspowner = 'sentinel_owner'::regrole FROM pg_namespace WHERE nspname = $1
            """;
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddWithValue(schema);
        var ours = await command.ExecuteScalarAsync(cancellation) as bool?;
        if (ours is false)
            throw new OperationFailedException(
                $"Database '{connection.Database}' already has a schema '{schema}' that is not "
                    + "Sentinel's: give Sentinel a database of its own."
            );
        if (ours is null)
            await RunAsync(
                connection,
                $"CREATE SCHEMA {schema} AUTHORIZATION {SentinelRoles.Owner}",
                cancellation
            );
        await RunAsync(
            connection,
            AsOwner($"GRANT USAGE ON SCHEMA {schema} TO {readers}"),
            cancellation
        );
        return ours is null;
    }

    /// <summary>Rights on the database itself, which a copy of it does not inherit.</summary>
    internal const string OnDatabase = """
        DO $$ BEGIN
            EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
            EXECUTE format('GRANT CONNECT ON DATABASE %I TO siem, psa, jobs, replay, signer,
                auditor, backup', current_database());
            -- COPY is refused under row-level security, so the siem role fills a temporary table.
            EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO siem', current_database());
        END $$;
        """;

    const string OnSchemas = """
        DO $$ BEGIN
            IF pg_has_role((SELECT nspowner FROM pg_namespace WHERE nspname = 'public'), 'USAGE') THEN
                REVOKE ALL ON SCHEMA public FROM PUBLIC;
            END IF;
        END $$;
        SET ROLE sentinel_owner;
        ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
        CREATE TABLE IF NOT EXISTS access.migrations (
            script     text PRIMARY KEY,
            sha256     text NOT NULL,
            applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
        );
        -- Whoever starts a host can tell whether its database is as new as the program.
        GRANT SELECT ON access.migrations TO jobs;
        RESET ROLE;
        """;

    static string AsOwner(string sql) => $"SET ROLE {SentinelRoles.Owner}; {sql}; RESET ROLE;";

    static async Task RunAsync(
        NpgsqlConnection connection,
        string sql,
        CancellationToken cancellation
    )
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
