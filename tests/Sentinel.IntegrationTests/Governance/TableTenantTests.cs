using Npgsql;
using Sentinel.IntegrationTests.Psa;
using Sentinel.IntegrationTests.Support;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;

namespace Sentinel.IntegrationTests.Governance;

/// <summary>
/// Every table that the catalogue knows holds a row of each of two organisations; every role that works under
/// a credential then reads, changes and adds what it may, in the name of one, and never meets the other.
/// </summary>
public sealed class TableTenantTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    const string GeneratedAlways = "428C9";

    sealed record Table(string Name, string[] Columns);

    [Fact]
    public async Task No_table_shows_takes_or_changes_a_row_of_another_organisation()
    {
        await using var office = await Office.OpenAsync();
        var other = await Office.FoundAsync(office.Database, "Quarry");
        var tables = await TablesAsync(office.Database);
        await FillAsync(office.Database, tables, office.OrganisationId);
        await FillAsync(office.Database, tables, other.OrganisationId);

        var (leaks, seen) = await TryAllAsync(office, other, tables);

        Assert.Empty(leaks);
        // Not for want of rows: whatever a role may read, it read in its own organisation.
        Assert.NotEmpty(seen);
        Assert.DoesNotContain(seen, line => line.EndsWith(" 0", StringComparison.Ordinal));

        await office.Database.RunAsSuperuserAsync(
            "CREATE POLICY open ON psa.users TO psa USING (true)"
        );
        Assert.NotEmpty((await TryAllAsync(office, other, tables)).Leaks);
    }

    static async Task<(IReadOnlyList<string> Leaks, IReadOnlyList<string> Seen)> TryAllAsync(
        Office asks,
        Office other,
        IReadOnlyList<Table> tables
    )
    {
        List<string> leaks = [];
        List<string> seen = [];
        foreach (
            var role in (string[])[SentinelRoles.Psa, SentinelRoles.Siem, SentinelRoles.Auditor]
        )
        {
            await using var source = NpgsqlDataSource.Create(
                SentinelDatabase.ConnectionStringFor(
                    asks.Database.ConnectionString,
                    role,
                    asks.Database.Data
                )
            );
            var hand = new RoleAtWork(source, asks.Manager.Token);
            foreach (var table in tables)
            {
                if (await hand.CountAsync(table.Name, "=", asks.OrganisationId) is not { } own)
                    continue;
                seen.Add($"{role} {table.Name} {own}");
                foreach (
                    var leak in await hand.LeaksAsync(
                        table,
                        asks.OrganisationId,
                        other.OrganisationId
                    )
                )
                    leaks.Add($"{role} {leak}");
            }
        }
        return (leaks, seen);
    }

    /// <summary>A database role that presents one organisation's credential in every transaction.</summary>
    sealed class RoleAtWork(NpgsqlDataSource source, Secret token)
    {
        public async Task<IReadOnlyList<string>> LeaksAsync(Table table, Guid own, Guid other)
        {
            List<string> leaks = [];
            if (await CountAsync(table.Name, "<>", own) is not 0)
                leaks.Add($"reads another's {table.Name}");
            foreach (var column in table.Columns)
                if (
                    await RunAsync(
                        $"UPDATE {table.Name} SET {column} = {column} WHERE organisation_id = $1",
                        other
                    ) > 0
                )
                    leaks.Add($"changes another's {table.Name}.{column}");
            var add = $"""
                INSERT INTO {table.Name} (organisation_id)
                SELECT $1 WHERE has_column_privilege('{table.Name}', 'organisation_id', 'INSERT')
                """;
            if (await RunAsync(add, other) > 0)
                leaks.Add($"adds to another's {table.Name}");
            return leaks;
        }

        /// <summary>Null where the role may not look at all.</summary>
        public async Task<long?> CountAsync(string table, string comparison, Guid organisation)
        {
            await using var work = await PresentedTransaction.BeginAsync(
                source,
                token,
                Cancellation
            );
            await using var command = work.Command(
                $"SELECT count(*) FROM {table} WHERE organisation_id {comparison} $1"
            );
            command.Parameters.AddWithValue(organisation);
            try
            {
                return (long)(await command.ExecuteScalarAsync(Cancellation))!;
            }
            catch (PostgresException refused)
                when (refused.SqlState == PostgresErrorCodes.InsufficientPrivilege)
            {
                return null;
            }
        }

        async Task<int> RunAsync(string sql, Guid organisation)
        {
            await using var work = await PresentedTransaction.BeginAsync(
                source,
                token,
                Cancellation
            );
            await using var command = work.Command(sql);
            command.Parameters.AddWithValue(organisation);
            try
            {
                return await command.ExecuteNonQueryAsync(Cancellation);
            }
            catch (PostgresException refused)
                when (refused.SqlState
                        is PostgresErrorCodes.InsufficientPrivilege
                            or PostgresErrorCodes.ObjectNotInPrerequisiteState
                            or PostgresErrorCodes.NotNullViolation
                            or GeneratedAlways
                )
            {
                return 0;
            }
        }
    }

    static async Task<IReadOnlyList<Table>> TablesAsync(TestDatabase database)
    {
        await using var source = NpgsqlDataSource.Create(database.SuperuserConnectionString);
        await using var command = source.CreateCommand(
            """
            SELECT c.oid::regclass::text, array_agg(quote_ident(a.attname) ORDER BY a.attnum)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
              AND a.attgenerated = '' AND a.attidentity = ''
            WHERE n.nspname IN ('psa', 'siem', 'policy', 'workflow') AND c.relkind IN ('r', 'p')
              AND NOT c.relispartition AND EXISTS (SELECT FROM pg_attribute
                WHERE attrelid = c.oid AND attname = 'organisation_id' AND NOT attisdropped)
            GROUP BY c.oid ORDER BY c.oid::regclass::text COLLATE "C"
            """
        );
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        List<Table> tables = [];
        while (await reader.ReadAsync(Cancellation))
            tables.Add(new Table(reader.GetString(0), reader.GetFieldValue<string[]>(1)));
        return tables;
    }

    /// <summary>
    /// A row in each table, whatever it says: what a row has to look like is not the question, so checks,
    /// foreign keys and triggers go first. Row-level security stays.
    /// </summary>
    static async Task FillAsync(
        TestDatabase database,
        IReadOnlyList<Table> tables,
        Guid organisationId
    )
    {
        foreach (var table in tables)
            await database.RunAsSuperuserAsync(
                $$"""
                DO $do$ DECLARE
                    target CONSTANT regclass := '{{table.Name}}';
                    name text;
                    columns text;
                    vals text;
                BEGIN
                    FOR name IN SELECT conname FROM pg_constraint
                        WHERE conrelid = target AND contype IN ('c', 'f') AND conparentid = 0 LOOP
                        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', target, name);
                    END LOOP;
                    FOR name IN SELECT tgname FROM pg_trigger WHERE tgrelid = target
                        AND NOT tgisinternal AND tgparentid = 0 LOOP
                        EXECUTE format('DROP TRIGGER %I ON %s', name, target);
                    END LOOP;
                    IF (SELECT relkind FROM pg_class WHERE oid = target) = 'p'
                        AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhparent = target
                            AND pg_get_expr((SELECT relpartbound FROM pg_class WHERE oid = inhrelid),
                                inhrelid) LIKE '%DEFAULT%') THEN
                        EXECUTE format('CREATE TABLE %s_any PARTITION OF %s DEFAULT', target, target);
                    END IF;
                    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum),
                        string_agg(CASE
                            WHEN attname = 'organisation_id' THEN quote_literal('{{organisationId}}')
                            WHEN typcategory = 'A' THEN quote_literal('{}')
                            WHEN typname = 'uuid' THEN 'gen_random_uuid()'
                            WHEN typname = 'timestamptz' THEN 'now()'
                            WHEN typname = 'date' THEN 'current_date'
                            WHEN typname = 'bytea' THEN 'decode(md5(random()::text), ''hex'')'
                            WHEN typname IN ('json', 'jsonb') THEN quote_literal('{}')
                            WHEN typname = 'bool' THEN 'false'
                            WHEN typname = 'inet' THEN quote_literal('192.0.2.1')
                            WHEN typname = 'interval' THEN quote_literal('1 minute')
                            WHEN typname = 'xid8' THEN 'pg_current_xact_id()'
                            WHEN typcategory = 'N' THEN '(random() * 100000000)::int'
                            WHEN typname IN ('text', 'varchar') THEN 'md5(random()::text)'
                            ELSE 'NULL' END, ', ' ORDER BY attnum)
                    INTO columns, vals
                    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
                    WHERE a.attrelid = target AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
                      AND attidentity = '';
                    EXECUTE format('INSERT INTO %s (%s) VALUES (%s)', target, columns, vals);
                END $do$
                """
            );
    }
}
