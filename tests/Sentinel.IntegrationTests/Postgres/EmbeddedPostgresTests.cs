using System.Globalization;
using Npgsql;
using Sentinel.Postgres;
using Sentinel.Postgres.Embedded;

namespace Sentinel.IntegrationTests.Postgres;

public sealed class EmbeddedPostgresTests : IDisposable
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("sentinel-embedded-");

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Two_starts_at_once_share_one_server_which_stops_with_the_last_of_them()
    {
        var data = Data("one");
        var both = await Task.WhenAll(StartAsync(data), StartAsync(data));

        Assert.Single(both, server => !server.Reused);
        Assert.False(await both[0].StopAsync());
        await AskAsync(both[1], "SELECT 1");
        Assert.True(await both[1].StopAsync());
        Assert.Null(Process(data));
        await RemoveAsync(data);
    }

    [Fact]
    public async Task A_killed_server_recovers_with_what_was_committed()
    {
        var data = Data("killed");
        await using var killed = await StartAsync(data);
        await AskAsync(killed, "CREATE TABLE kept AS SELECT 7 AS number");
        using var process = System.Diagnostics.Process.GetProcessById(Process(data)!.Value);
        process.Kill();
        await process.WaitForExitAsync(Cancellation);

        await using var started = await StartAsync(data);

        Assert.False(started.Reused);
        Assert.Equal(7, await AskAsync(started, "SELECT number FROM kept"));
        await killed.StopAsync();
        await started.RemoveAsync();
    }

    [Fact]
    public async Task A_stale_pid_file_that_names_a_strangers_process_stops_nothing()
    {
        var data = Data("stale");
        await using (var server = await StartAsync(data))
            await server.StopAsync();
        var cluster = ClusterLocation.Resolve(data).Location.Cluster;
        var self = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        await File.WriteAllTextAsync(
            Path.Combine(cluster, "postmaster.pid"),
            $"{self}\n{cluster}\n0\n5432\n\n\n",
            Cancellation
        );

        await using var started = await StartAsync(data);

        Assert.Equal(1, await AskAsync(started, "SELECT 1"));
        await started.RemoveAsync();
    }

    [Fact]
    public async Task Two_data_directories_never_share_a_server_not_even_a_copy()
    {
        var (one, other) = (Data("first"), Data("second"));
        await using var first = await StartAsync(one);
        await using var second = await StartAsync(other);
        await AskAsync(first, "CREATE TABLE mine ()");

        Assert.Equal(true, await AskAsync(second, "SELECT to_regclass('mine') IS NULL"));
        var copy = Data("copy");
        File.Copy(
            Path.Combine(one.Postgres, "location.json"),
            Path.Combine(copy.Postgres, "location.json")
        );
        var refusal = await Assert.ThrowsAsync<OperationFailedException>(() => StartAsync(copy));
        Assert.Contains("is a copy of", refusal.Message);
        await first.RemoveAsync();
        await second.RemoveAsync();
    }

    [Fact]
    public async Task A_parent_that_only_its_owner_may_enter_is_no_obstacle()
    {
        var parent = folder.CreateSubdirectory("closed");
        File.SetUnixFileMode(
            parent.FullName,
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        );
        var data = new DataDirectory(Path.Combine(parent.FullName, "data"));
        await using (var server = await StartAsync(data))
            await AskAsync(server, "CREATE TABLE kept AS SELECT 7 AS number");

        await using var again = await StartAsync(data);
        var place = ClusterLocation.Resolve(data).Location;

        Assert.Equal(7, await AskAsync(again, "SELECT number FROM kept"));
        Assert.Equal(!Environment.IsPrivilegedProcess, place.IsInside);
        await again.RemoveAsync();
        Assert.False(Directory.Exists(place.Folder));
    }

    [Fact]
    public async Task A_path_too_long_for_a_socket_is_no_obstacle()
    {
        var data = Data(string.Join('/', Enumerable.Repeat("a-rather-long-name", 6)));

        await using var server = await StartAsync(data);

        Assert.Equal(1, await AskAsync(server, "SELECT 1"));
        await server.RemoveAsync();
    }

    [Fact]
    public async Task A_moved_data_directory_takes_its_database_along()
    {
        var data = Data("before");
        await using (var server = await StartAsync(data))
            await AskAsync(server, "CREATE TABLE kept AS SELECT 7 AS number");
        var moved = Path.Combine(folder.FullName, "after");
        Directory.Move(data.Path, moved);

        await using var again = await StartAsync(new DataDirectory(moved));

        Assert.Equal(7, await AskAsync(again, "SELECT number FROM kept"));
        await again.RemoveAsync();
    }

    [Fact]
    public async Task Nobody_gets_in_without_a_password()
    {
        await using var server = await StartAsync(Data("closed-server"));
        var settings = new NpgsqlConnectionStringBuilder(server.ConnectionString)
        {
            Username = "postgres",
            Database = "postgres",
            Password = "a guess",
            Pooling = false,
        };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);

        var refused = await Assert.ThrowsAsync<PostgresException>(() =>
            connection.OpenAsync(Cancellation)
        );

        Assert.Equal(PostgresErrorCodes.InvalidPassword, refused.SqlState);
        Assert.DoesNotContain("Password", server.ConnectionString);
        await server.RemoveAsync();
    }

    DataDirectory Data(string name) => new(Path.Combine(folder.FullName, name));

    static Task<EmbeddedPostgres> StartAsync(DataDirectory data) =>
        EmbeddedPostgres.StartAsync(data, durable: false, Cancellation);

    static async Task RemoveAsync(DataDirectory data)
    {
        await using var server = await StartAsync(data);
        await server.RemoveAsync();
    }

    static int? Process(DataDirectory data) =>
        ServerProcess.Find(ClusterLocation.Resolve(data).Location.Cluster);

    static async Task<object?> AskAsync(EmbeddedPostgres server, string sql)
    {
        var settings = new NpgsqlConnectionStringBuilder(server.SuperuserConnectionString)
        {
            Database = "postgres",
            Pooling = false,
        };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(Cancellation);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(Cancellation);
    }
}
