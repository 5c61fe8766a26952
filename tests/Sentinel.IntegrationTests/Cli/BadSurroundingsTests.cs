using System.Net;
using System.Net.Sockets;
using Sentinel.IntegrationTests.Support;
using Sentinel.Postgres;
using Sentinel.Postgres.Embedded;

namespace Sentinel.IntegrationTests.Cli;

/// <summary>What is wrong around the program is said in one sentence, and nothing is half-written.</summary>
public sealed class BadSurroundingsTests : IDisposable
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("sentinel-cli-");

    [Theory]
    [InlineData("nonsense", "is not an Npgsql connection string")]
    [InlineData("Host=127.0.0.1;Port=1;Database=x;Username=y;Password=hush", "start PostgreSQL")]
    public async Task A_database_that_is_not_there_is_one_sentence(string database, string saying)
    {
        var ran = await Launched.RunAsync(With(database), "migrate");
        ran.IsOneSentence(1, saying);
        Assert.DoesNotContain("hush", ran.Error);
    }

    [Fact]
    public async Task A_server_that_was_never_migrated_to_says_what_to_run()
    {
        await using var database = await TestDatabase.CreateAsync();
        var ran = await Launched.RunAsync(With(database.ConnectionString), "serve");
        ran.IsOneSentence(1, "run ./sentinel migrate");
    }

    [Theory]
    [InlineData("ingest", "some.log")]
    [InlineData("serve")]
    [InlineData("search", "")]
    [InlineData("failures")]
    public async Task Whatever_is_asked_a_database_that_is_not_there_is_one_sentence(
        params string[] arguments
    )
    {
        var data = new DataDirectory(folder.FullName);
        foreach (var role in SentinelRoles.WithLogin)
            data.WriteSecret(role, "hush");
        var ran = await Launched.RunAsync(With("Host=127.0.0.1;Port=1;Database=x"), arguments);
        ran.IsOneSentence(1, "start PostgreSQL");
        Assert.DoesNotContain("hush", ran.Error);
    }

    [Fact]
    public async Task A_port_in_use_is_one_sentence_and_says_how_to_choose_another()
    {
        await using var database = await TestDatabase.CreateAsync();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var environment = With(database.SuperuserConnectionString, database.Data.Path);
        Assert.Equal(0, (await Launched.RunAsync(environment, "migrate")).ExitCode);

        var ran = await Launched.RunAsync(
            With(database.ConnectionString, database.Data.Path),
            "serve",
            "--urls",
            $"http://{taken.LocalEndpoint}"
        );

        ran.IsOneSentence(1, "--urls");
    }

    [Fact]
    public async Task The_private_database_is_made_by_the_binaries_that_the_variable_names()
    {
        var binaries = Directory.CreateTempSubdirectory("sentinel-bin-");
        const UnixFileMode Everybody = (UnixFileMode)0b111_111_111;
        File.SetUnixFileMode(binaries.FullName, Everybody);
        var real = PostgresBinaries.Locate()!.Folder;
        foreach (var program in (string[])["initdb", "pg_ctl", "postgres"])
        {
            var path = Path.Combine(binaries.FullName, program);
            await File.WriteAllTextAsync(
                path,
                $"#!/bin/sh\ntouch '{path}.used'\nexec '{real}/{program}' \"$@\"\n",
                TestContext.Current.CancellationToken
            );
            File.SetUnixFileMode(path, Everybody);
        }
        var environment = new Dictionary<string, string?>
        {
            ["SENTINEL_DATA"] = Path.Combine(folder.FullName, "data"),
            [PostgresBinaries.Variable] = binaries.FullName,
        };

        var ran = await Launched.RunAsync(environment, "migrate");

        Assert.Equal((0, ""), (ran.ExitCode, ran.Error));
        Assert.True(File.Exists(Path.Combine(binaries.FullName, "initdb.used")));
        Assert.True(File.Exists(Path.Combine(binaries.FullName, "pg_ctl.used")));
        binaries.Delete(recursive: true);
    }

    [Fact]
    public async Task Migrate_twice_finds_nothing_to_do()
    {
        await using var database = await TestDatabase.CreateAsync();
        var environment = With(database.SuperuserConnectionString, database.Data.Path);
        var first = await Launched.RunAsync(environment, "migrate");
        Assert.Equal((0, ""), (first.ExitCode, first.Error));
        var second = await Launched.RunAsync(environment, "migrate");
        Assert.Equal((0, ""), (second.ExitCode, second.Error));
        Assert.Contains("Nothing to do", second.Output);
    }

    public void Dispose() => folder.Delete(recursive: true);

    Dictionary<string, string?> With(string database, string? data = null) =>
        new() { ["SENTINEL_DATABASE"] = database, ["SENTINEL_DATA"] = data ?? folder.FullName };
}
