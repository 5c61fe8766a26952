using Npgsql;
using Sentinel.IntegrationTests.Cli;
using Sentinel.IntegrationTests.Support;
using Sentinel.Postgres;
using Sentinel.Postgres.Embedded;

namespace Sentinel.IntegrationTests.Walk;

/// <summary>
/// The disk is full: one sentence and exit code 1, nothing half-written. With space again the load goes on,
/// and what it leaves is what an undisturbed run leaves.
/// </summary>
public sealed class FullDiskTests(CalmRun calm) : IClassFixture<CalmRun>
{
    const int DiskMebibytes = 512;
    const long LeftBytes = 12 * 1024 * 1024;
    const int Lines = 30_000;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_package_that_cannot_be_written_waits_for_space()
    {
        await using var founded = await FoundedDatabase.CreateAsync();
        using var disk = SmallDisk.Create(sizeMebibytes: 8);
        var log = CalmRun.WriteLog(founded);
        Copy(founded.Database.Data.Path, disk.Path);

        disk.Fill(leaveBytes: 0);
        var full = await RunAsync(founded, disk, "ingest", log);
        full.IsOneSentence(1, "free some space");
        Assert.Empty(Directory.GetFiles(disk.Path, "*.part", SearchOption.AllDirectories));

        disk.FreeSpace();
        var again = await RunAsync(founded, disk, "ingest", log);
        Assert.Equal((0, ""), (again.ExitCode, again.Error));
        Assert.Equal(calm.Traces, await founded.TracesAsync());
    }

    [Fact]
    public async Task The_private_database_recovers_and_the_load_goes_on()
    {
        using var disk = SmallDisk.Create(DiskMebibytes);
        var data = Path.Combine(disk.Path, "data");
        var log = Path.Combine(Path.GetTempPath(), $"sentinel-full-{Environment.ProcessId}.log");
        await WriteAsync(log);
        try
        {
            Assert.Equal(0, (await RunAsync(data, "migrate")).ExitCode);
            disk.Fill(LeftBytes);
            var full = await RunAsync(data, "ingest", log);
            full.IsOneSentence(1, "space");

            disk.FreeSpace();
            var again = await RunAsync(data, "ingest", log);
            Assert.Equal((0, ""), (again.ExitCode, again.Error));
            Assert.Equal(await UndisturbedAsync(log), await TracesAsync(data));
        }
        finally
        {
            File.Delete(log);
        }
    }

    static async Task<string> UndisturbedAsync(string log)
    {
        await using var founded = await FoundedDatabase.CreateAsync();
        var ran = await founded.RunAsync(null, "ingest", log);
        Assert.True(ran.ExitCode == 0, ran.Error);
        return await founded.TracesAsync();
    }

    static async Task<string> TracesAsync(string data)
    {
        await using var server = await EmbeddedPostgres.StartAsync(new DataDirectory(data));
        await using var connection = new NpgsqlConnection(server.SuperuserConnectionString);
        await connection.OpenAsync(Cancellation);
        await using var command = new NpgsqlCommand(FoundedDatabase.Traces, connection);
        return (string)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    // Visits of one account, and a guess that succeeds among them.
    static Task WriteAsync(string log) =>
        File.WriteAllLinesAsync(
            log,
            Enumerable
                .Range(0, Lines)
                .Select(i =>
                {
                    var time = new DateTime(2026, 11, 3).AddSeconds(i * 2);
                    var what = i is > 20_000 and < 20_015
                        ? "Failed password for root from 198.51.100.9"
                        : $"Accepted publickey for amy from 10.1.{i / 250 % 250}.{i % 250}";
                    return $"{time:MMM} {time.Day, 2} {time:HH:mm:ss} gateway sshd[{i}]: {what} "
                        + "port 4711 ssh2";
                }),
            Cancellation
        );

    static void Copy(string from, string to)
    {
        foreach (var folder in Directory.GetDirectories(from, "*", SearchOption.AllDirectories))
            Directory.CreateDirectory(folder.Replace(from, to, StringComparison.Ordinal));
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
            File.Copy(file, file.Replace(from, to, StringComparison.Ordinal));
    }

    static Task<Ran> RunAsync(FoundedDatabase founded, SmallDisk disk, params string[] arguments) =>
        Launched.RunAsync(
            new Dictionary<string, string?>
            {
                ["SENTINEL_DATABASE"] = founded.Database.ConnectionString,
                ["SENTINEL_DATA"] = disk.Path,
            },
            arguments
        );

    static Task<Ran> RunAsync(string data, params string[] arguments) =>
        Launched.RunAsync(new Dictionary<string, string?> { ["SENTINEL_DATA"] = data }, arguments);
}
