using System.Globalization;
using Npgsql;
using Sentinel.Postgres;
using Sentinel.Postgres.Migration;

namespace Sentinel.IntegrationTests.Support;

/// <summary>
/// A fresh, migrated, empty database for one test, with a data directory of its own. Tests in
/// parallel share nothing but the server.
/// </summary>
public sealed class TestDatabase : IAsyncDisposable
{
    static int count;

    readonly TestCluster cluster;
    readonly string name;

    TestDatabase(TestCluster cluster, string name, DataDirectory data)
    {
        this.cluster = cluster;
        this.name = name;
        Data = data;
        Sentinel = SentinelDatabase.Open(ConnectionString, data);
    }

    /// <summary>Pools for the application's roles.</summary>
    public SentinelDatabase Sentinel { get; }

    /// <summary>With a copy of the roles' passwords in its secrets.</summary>
    public DataDirectory Data { get; }

    /// <summary>Without user or password, as the program is given it.</summary>
    public string ConnectionString => cluster.ConnectionStringFor(name);

    /// <summary>Who may do everything: to arrange what no role may, and to tamper.</summary>
    public string SuperuserConnectionString => cluster.SuperuserConnectionStringFor(name);

    public static async Task<TestDatabase> CreateAsync() =>
        await FromAsync(await TestCluster.SharedAsync(), TestCluster.Template);

    /// <summary>Another one with everything that this one holds; whoever is connected to this one is cut off.</summary>
    public async Task<TestDatabase> CloneAsync()
    {
        await cluster.RunAsSuperuserAsync(
            "postgres",
            $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        );
        return await FromAsync(cluster, name);
    }

    static async Task<TestDatabase> FromAsync(TestCluster cluster, string template)
    {
        var number = Interlocked.Increment(ref count).ToString(CultureInfo.InvariantCulture);
        var name = "test_" + number;
        await cluster.RunAsSuperuserAsync(
            "postgres",
            $"CREATE DATABASE {name} TEMPLATE {template}"
        );
        await cluster.RunAsSuperuserAsync(name, SchemaCreation.OnDatabase);
        var data = new DataDirectory(Path.Combine(cluster.Data.Path, "databases", number));
        foreach (var role in SentinelRoles.WithLogin)
            data.WriteSecret(role, cluster.Data.ReadSecret(role)!);
        return new TestDatabase(cluster, name, data);
    }

    /// <summary>Runs statements as the superuser, past every rule of the house.</summary>
    public Task RunAsSuperuserAsync(string sql) => cluster.RunAsSuperuserAsync(name, sql);

    /// <summary>Asks one value as the superuser, who sees every organisation.</summary>
    public async Task<T> AskAsSuperuserAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(SuperuserConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        await Sentinel.DisposeAsync();
        await cluster.RunAsSuperuserAsync("postgres", $"DROP DATABASE {name} WITH (FORCE)");
        Directory.Delete(Data.Path, recursive: true);
    }
}

/// <summary>One database for all tests of a class that only look at it.</summary>
public sealed class SharedDatabase : IAsyncLifetime
{
    public TestDatabase Database { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Database = await TestDatabase.CreateAsync();

    public ValueTask DisposeAsync() => Database.DisposeAsync();
}
