using Npgsql;
using Sentinel.IntegrationTests.Support;
using Sentinel.Postgres;

namespace Sentinel.IntegrationTests.Postgres;

/// <summary>
/// As each application role, everything is tried on every table: what PostgreSQL does not refuse has
/// to be in the approved list of what that role's job needs.
/// </summary>
public class PrivilegeTests
{
    const string GeneratedAlways = "428C9";

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_role_may_do_what_its_job_needs_and_nothing_else()
    {
        await using var database = await TestDatabase.CreateAsync();
        var tables = await TablesAsync(database);
        List<string> allowed = [];
        foreach (var role in SentinelRoles.WithLogin)
            allowed.AddRange(await TryEverythingAsync(database, role, tables));

        Approved.Check("privileges", allowed);
        Assert.DoesNotContain(
            allowed,
            line => line.Contains("delete") || line.Contains("truncate")
        );
    }

    [Fact]
    public async Task A_grant_too_many_is_noticed()
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.RunAsSuperuserAsync(
            "GRANT DELETE, UPDATE (email) ON psa.users TO auditor; GRANT TRUNCATE ON psa.roles TO psa"
        );
        var tables = await TablesAsync(database);

        var auditor = await TryEverythingAsync(database, SentinelRoles.Auditor, tables);
        var psa = await TryEverythingAsync(database, SentinelRoles.Psa, tables);

        Assert.Contains("auditor psa.users delete", auditor);
        Assert.Contains("auditor psa.users update email", auditor);
        Assert.Contains("psa psa.roles truncate", psa);
    }

    [Fact]
    public async Task Each_role_calls_the_functions_that_its_job_needs_and_no_others()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var source = NpgsqlDataSource.Create(database.SuperuserConnectionString);
        await using var command = source.CreateCommand(
            """
            SELECT format('%s %s%s', r.rolname, p.oid::regprocedure,
                CASE WHEN p.prosecdef THEN ' as the owner' ELSE '' END)
            FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            CROSS JOIN pg_roles r
            WHERE n.nspname IN ('access', 'psa', 'policy', 'workflow', 'siem')
              AND r.rolname = ANY ($1)
              AND has_function_privilege(r.oid, p.oid, 'EXECUTE')
              AND has_schema_privilege(r.oid, n.oid, 'USAGE')
            ORDER BY format('%s %s', r.rolname, p.oid::regprocedure) COLLATE "C"
            """
        );
        command.Parameters.AddWithValue(SentinelRoles.WithLogin.ToArray());
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        List<string> callable = [];
        while (await reader.ReadAsync(Cancellation))
            callable.Add(reader.GetString(0));

        Approved.Check("functions", callable);
    }

    sealed record Table(string Name, IReadOnlyList<string> Columns);

    static async Task<IReadOnlyList<Table>> TablesAsync(TestDatabase database)
    {
        await using var source = NpgsqlDataSource.Create(database.SuperuserConnectionString);
        await using var command = source.CreateCommand(
            """
            SELECT c.oid::regclass::text, array_agg(quote_ident(a.attname) ORDER BY a.attnum)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            WHERE n.nspname IN ('access', 'psa', 'policy', 'workflow', 'siem')
              AND c.relkind IN ('r', 'p', 'v', 'm')
            GROUP BY c.oid ORDER BY c.oid::regclass::text COLLATE "C"
            """
        );
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        List<Table> tables = [];
        while (await reader.ReadAsync(Cancellation))
            tables.Add(new Table(reader.GetString(0), reader.GetFieldValue<string[]>(1)));
        return tables;
    }

    static async Task<IReadOnlyList<string>> TryEverythingAsync(
        TestDatabase database,
        string role,
        IReadOnlyList<Table> tables
    )
    {
        await using var source = NpgsqlDataSource.Create(
            SentinelDatabase.ConnectionStringFor(database.ConnectionString, role, database.Data)
        );
        await using var connection = await source.OpenConnectionAsync(Cancellation);
        List<string> allowed = [];
        foreach (var (name, columns) in tables)
        {
            // Rights are checked before the first row is looked for, so none is needed.
            await AddColumnsAsync("select", column => $"SELECT {column} FROM {name} WHERE false");
            await AddColumnsAsync(
                "insert",
                column =>
                    $"INSERT INTO {name} ({column}) OVERRIDING SYSTEM VALUE SELECT NULL WHERE false"
            );
            await AddColumnsAsync(
                "update",
                column => $"UPDATE {name} SET {column} = NULL WHERE false"
            );
            if (await MayAsync(connection, $"DELETE FROM {name} WHERE false"))
                allowed.Add($"{role} {name} delete");
            if (await MayAsync(connection, $"TRUNCATE {name}"))
                allowed.Add($"{role} {name} truncate");

            async Task AddColumnsAsync(string verb, Func<string, string> statement)
            {
                List<string> granted = [];
                foreach (var column in columns)
                    if (await MayAsync(connection, statement(column)))
                        granted.Add(column);
                if (granted.Count > 0)
                    allowed.Add(
                        $"{role} {name} {verb} "
                            + (granted.Count == columns.Count ? "*" : string.Join(", ", granted))
                    );
            }
        }
        return allowed;
    }

    // Refused means refused by rights: what fails later, at a trigger or a constraint, was allowed.
    static async Task<bool> MayAsync(NpgsqlConnection connection, string statement)
    {
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await using var command = new NpgsqlCommand(statement, connection);
        try
        {
            await command.ExecuteNonQueryAsync(Cancellation);
            return true;
        }
        catch (PostgresException refused)
        {
            var byRights =
                refused.SqlState == PostgresErrorCodes.InsufficientPrivilege
                && refused.MessageText.StartsWith("permission denied", StringComparison.Ordinal);
            // Nobody may write a computed column, a joined view, or truncate any view, with any right.
            return !byRights
                && refused.SqlState
                    is not (
                        GeneratedAlways
                        or PostgresErrorCodes.ObjectNotInPrerequisiteState
                        or PostgresErrorCodes.WrongObjectType
                    );
        }
    }
}
