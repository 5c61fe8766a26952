using Npgsql;
using Sentinel.IntegrationTests.Support;

namespace Sentinel.IntegrationTests.Postgres;

public class CatalogueTests(SharedDatabase shared) : IClassFixture<SharedDatabase>
{
    public static TheoryData<string> Guards => [.. CatalogueGuards.All.Keys];

    [Theory]
    [MemberData(nameof(Guards))]
    public async Task The_catalogue_keeps_the_rule_and_a_breach_is_noticed(string guard)
    {
        await using var connection = new NpgsqlConnection(
            shared.Database.SuperuserConnectionString
        );
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var undone = await connection.BeginTransactionAsync(
            TestContext.Current.CancellationToken
        );

        Assert.Empty(await CatalogueGuards.ViolationsAsync(connection, guard));

        await using var breach = new NpgsqlCommand(CatalogueGuards.All[guard].Breach, connection);
        await breach.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        Assert.NotEmpty(await CatalogueGuards.ViolationsAsync(connection, guard));
    }

    [Fact]
    public async Task The_schema_is_the_approved_one() =>
        Approved.Check(
            "schema",
            await LinesAsync(
                """
                SELECT format('%s.%s %s%s%s', c.oid::regclass, a.attname,
                    format_type(a.atttypid, a.atttypmod),
                    CASE WHEN a.attnotnull THEN ' not null' ELSE '' END,
                    CASE WHEN a.attidentity <> '' THEN ' identity' WHEN a.attgenerated <> ''
                        THEN ' generated' ELSE '' END)
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                JOIN pg_attribute a ON a.attrelid = c.oid
                WHERE n.nspname IN ('access', 'psa', 'policy', 'workflow', 'siem')
                  AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
                  AND a.attnum > 0 AND NOT a.attisdropped
                ORDER BY c.oid::regclass::text COLLATE "C", a.attnum
                """
            )
        );

    [Fact]
    public async Task What_may_change_is_approved_with_its_reason() =>
        Approved.Check(
            "mutable-columns",
            await LinesAsync(
                """
                SELECT format('%s.%s: %s', table_name, column_name, reason)
                FROM access.mutable_columns ORDER BY (table_name || '.' || column_name) COLLATE "C"
                """
            )
        );

    [Fact]
    public async Task Who_sees_every_organisation_is_approved_with_the_reason() =>
        Approved.Check(
            "across-organisations",
            await LinesAsync(
                """
                SELECT format('%s %s: %s', table_name, role_name, reason)
                FROM access.cross_organisation_roles
                ORDER BY (table_name || ' ' || role_name) COLLATE "C"
                """
            )
        );

    [Fact]
    public async Task The_tables_that_know_no_organisation_are_approved() =>
        Approved.Check(
            "without-organisation",
            await LinesAsync(
                """
                SELECT c.oid::regclass::text
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname IN ('access', 'psa', 'policy', 'workflow', 'siem')
                  AND c.relkind IN ('r', 'p') AND NOT EXISTS (
                    SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'organisation_id')
                ORDER BY c.oid::regclass::text COLLATE "C"
                """
            )
        );

    async Task<IReadOnlyList<string>> LinesAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(shared.Database.SuperuserConnectionString);
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(
            TestContext.Current.CancellationToken
        );
        List<string> lines = [];
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            lines.Add(reader.GetString(0));
        return lines;
    }
}
