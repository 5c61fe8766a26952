using Npgsql;
using Sentinel.IntegrationTests.Support;
using Sentinel.Postgres;
using Sentinel.Postgres.Embedded;
using Sentinel.Postgres.Migration;

namespace Sentinel.IntegrationTests.Postgres;

/// <summary>Roles belong to a whole server, so these tests have one of their own each.</summary>
public sealed class MigratorTests : IAsyncLifetime
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("sentinel-migrator-");
    EmbeddedPostgres server = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        server = await EmbeddedPostgres.StartAsync(Data("server"), durable: false);

    public async ValueTask DisposeAsync()
    {
        await server.RemoveAsync();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_second_run_and_a_run_at_the_same_time_find_nothing_to_do()
    {
        var data = Data("data");
        var both = await Task.WhenAll(MigrateAsync(data), MigrateAsync(data));
        var third = await MigrateAsync(data);

        Assert.Single(both, outcome => outcome.NothingToDo);
        Assert.True(third.NothingToDo);
        await using var database = await SentinelDatabase.OpenAsync(
            server.ConnectionString,
            data,
            Cancellation
        );
    }

    [Fact]
    public async Task A_user_who_may_create_roles_and_databases_is_enough()
    {
        await RunAsync("CREATE ROLE migrator LOGIN CREATEROLE CREATEDB PASSWORD 'let me in'");
        var asMigrator = new NpgsqlConnectionStringBuilder(server.ConnectionString)
        {
            Username = "migrator",
            Password = "let me in",
        };

        var first = await MigrateAsync(Data("data"), asMigrator.ConnectionString);
        var second = await MigrateAsync(Data("data"), asMigrator.ConnectionString);

        Assert.False(first.NothingToDo);
        Assert.True(second.NothingToDo);
        Assert.Equal(
            0L,
            await AskAsync(
                "SELECT count(*) FROM pg_auth_members WHERE roleid = 'sentinel_owner'::regrole"
            )
        );
    }

    [Fact]
    public async Task Passwords_are_kept_in_files_of_their_owner_and_renewed_for_a_new_directory()
    {
        var (old, renewed) = (Data("old"), Data("renewed"));
        await MigrateAsync(old);
        await MigrateAsync(renewed);

        foreach (var role in SentinelRoles.WithLogin)
        {
            Assert.NotEqual(old.ReadSecret(role), renewed.ReadSecret(role));
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite,
                File.GetUnixFileMode(renewed.SecretFile(role))
            );
        }
        Assert.Equal(
            0L,
            await AskAsync(
                "SELECT count(*) FROM pg_authid WHERE rolpassword NOT LIKE 'SCRAM-SHA-256$%'"
            )
        );
        await using (
            await SentinelDatabase.OpenAsync(server.ConnectionString, renewed, Cancellation)
        ) { }
        var refusal = await Assert.ThrowsAsync<OperationFailedException>(() =>
            SentinelDatabase.OpenAsync(server.ConnectionString, old, Cancellation)
        );
        Assert.Contains("run ./sentinel migrate", refusal.Message);
        Assert.DoesNotContain(old.ReadSecret(SentinelRoles.Siem)!, refusal.ToString());
    }

    [Fact]
    public async Task A_role_of_somebody_else_is_left_alone()
    {
        await RunAsync("CREATE ROLE jobs LOGIN");

        var refusal = await Assert.ThrowsAsync<OperationFailedException>(() =>
            MigrateAsync(Data("data"))
        );

        Assert.Contains("already has a role 'jobs' that is not Sentinel's", refusal.Message);
    }

    [Fact]
    public async Task A_script_that_fails_leaves_nothing_and_an_edited_one_is_refused()
    {
        var data = Data("data");
        var good = Set(("extra/0001-good.sql", "CREATE TABLE psa.extra (id uuid)"));
        var bad = Set(
            ("extra/0001-good.sql", "CREATE TABLE psa.extra (id uuid)"),
            ("extra/0002-bad.sql", "CREATE TABLE psa.half (id uuid); SELECT 1 / 0")
        );
        var edited = Set(("extra/0001-good.sql", "CREATE TABLE psa.other (id uuid)"));
        await MigrateAsync(data, sets: [MigrationSet.Access, good]);

        var failed = await Assert.ThrowsAsync<OperationFailedException>(() =>
            MigrateAsync(data, sets: [MigrationSet.Access, bad])
        );
        var refused = await Assert.ThrowsAsync<OperationFailedException>(() =>
            MigrateAsync(data, sets: [MigrationSet.Access, edited])
        );

        Assert.Contains("0002-bad.sql was rolled back: division by zero", failed.Message);
        Assert.Contains("migrations are never edited", refused.Message);
        Assert.Equal(true, await AskAsync("SELECT to_regclass('psa.half') IS NULL"));
        Assert.Equal(
            MigrationSet.Access.Scripts().Count + 1L,
            await AskAsync("SELECT count(*) FROM access.migrations")
        );
    }

    [Fact]
    public async Task Jobs_may_install_their_tables_while_migrating_and_at_no_other_time()
    {
        var data = Data("data");
        var asJobs = "";

        await Migrator.MigrateAsync(
            Superuser,
            [MigrationSet.Access],
            data,
            async (connectionString, _) =>
            {
                asJobs = connectionString;
                await RunAsync("CREATE TABLE hangfire.job (id bigint)", connectionString);
            },
            Cancellation
        );
        var refused = await Assert.ThrowsAsync<PostgresException>(() =>
            RunAsync("CREATE TABLE hangfire.other (id bigint)", asJobs)
        );

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    string Superuser => server.SuperuserConnectionString;

    DataDirectory Data(string name) => new(Path.Combine(folder.FullName, name));

    static MigrationSet Set(params (string, string)[] scripts) =>
        MigrationSet.Access with
        {
            Name = "extra",
            Given = scripts,
        };

    Task<MigrationOutcome> MigrateAsync(
        DataDirectory data,
        string? connectionString = null,
        IReadOnlyList<MigrationSet>? sets = null
    ) =>
        Migrator.MigrateAsync(
            connectionString ?? Superuser,
            sets ?? TestCluster.MigrationSets,
            data,
            cancellation: Cancellation
        );

    async Task RunAsync(string sql, string? connectionString = null)
    {
        await using var connection = await OpenAsync(connectionString, "postgres");
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    async Task<object?> AskAsync(string sql)
    {
        await using var connection = await OpenAsync(null, "sentinel");
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(Cancellation);
    }

    async Task<NpgsqlConnection> OpenAsync(string? connectionString, string database)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString ?? Superuser)
        {
            Pooling = false,
        };
        if (connectionString is null)
            settings.Database = database;
        var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(Cancellation);
        return connection;
    }
}
