using System.Globalization;
using System.Reflection;
using Npgsql;
using Sentinel.Postgres;
using Sentinel.Postgres.Embedded;
using Sentinel.Postgres.Migration;

[assembly: AssemblyFixture(typeof(Sentinel.IntegrationTests.Support.TestCluster.TestClusterEnd))]

namespace Sentinel.IntegrationTests.Support;

/// <summary>
/// The one server of a test run, with a template database that has been migrated once. Its files are
/// in a temporary folder named after the process, and go with it.
/// </summary>
public sealed class TestCluster
{
    public const string Template = "sentinel_template";

    const string FolderPrefix = "sentinel-tests-";

    static readonly Lazy<Task<TestCluster>> Shared = new(StartAsync);

    readonly EmbeddedPostgres server;

    TestCluster(EmbeddedPostgres server, DataDirectory data)
    {
        this.server = server;
        Data = data;
    }

    /// <summary>Its secrets hold the passwords of the roles, which every database shares.</summary>
    public DataDirectory Data { get; }

    public static Task<TestCluster> SharedAsync() => Shared.Value;

    /// <summary>In the order of their migrations.</summary>
    public static IReadOnlyList<MigrationSet> MigrationSets { get; } =
    [
        MigrationSet.Access,
        .. ((string[])["Psa", "Policies", "Workflows", "Siem"]).Select(name => new MigrationSet(
            name.ToLowerInvariant(),
            Assembly.Load("Sentinel." + name)
        )),
    ];

    public string ConnectionStringFor(string database) =>
        new NpgsqlConnectionStringBuilder(server.ConnectionString)
        {
            Database = database,
            IncludeErrorDetail = true,
            MaxPoolSize = 20,
        }.ConnectionString;

    public string SuperuserConnectionStringFor(string database) =>
        new NpgsqlConnectionStringBuilder(server.SuperuserConnectionString)
        {
            Database = database,
            IncludeErrorDetail = true,
            Pooling = false,
            // A machine with more to do takes longer to copy a database, and that is no failure.
            CommandTimeout = 0,
        }.ConnectionString;

    public async Task RunAsSuperuserAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(SuperuserConnectionStringFor(database));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    static async Task<TestCluster> StartAsync()
    {
        await RemoveLeftoversAsync();
        var folder = Path.Combine(
            Path.GetTempPath(),
            FolderPrefix + Environment.ProcessId.ToString(CultureInfo.InvariantCulture)
        );
        var data = new DataDirectory(folder);
        var server = await EmbeddedPostgres.StartAsync(data, durable: false);
        var cluster = new TestCluster(server, data);
        await Migrator.MigrateAsync(
            cluster.SuperuserConnectionStringFor(Template),
            MigrationSets,
            data
        );
        return cluster;
    }

    /// <summary>Ends with the run: <see cref="TestClusterEnd"/>.</summary>
    static async Task RemoveAsync()
    {
        if (!Shared.IsValueCreated)
            return;
        var cluster = await Shared.Value;
        await cluster.server.RemoveAsync();
        Directory.Delete(cluster.Data.Path, recursive: true);
    }

    // What a killed test run left behind.
    static async Task RemoveLeftoversAsync()
    {
        foreach (
            var folder in Directory.EnumerateDirectories(Path.GetTempPath(), FolderPrefix + "*")
        )
        {
            var name = Path.GetFileName(folder)[FolderPrefix.Length..];
            if (!int.TryParse(name, out var pid) || Directory.Exists($"/proc/{pid}"))
                continue;
            try
            {
                await using var server = await EmbeddedPostgres.StartAsync(new(folder));
                await server.RemoveAsync();
                Directory.Delete(folder, recursive: true);
            }
            catch (Exception e) when (e is OperationFailedException or IOException)
            {
                // It was killed while it was made, or another run removes it too: no reason to test nothing.
            }
        }
    }

    /// <summary>Made before the first test of the assembly and disposed of after the last.</summary>
    public sealed class TestClusterEnd : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await RemoveAsync();
    }
}
