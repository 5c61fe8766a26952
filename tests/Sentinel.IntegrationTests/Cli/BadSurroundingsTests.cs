using Sentinel.IntegrationTests.Support;

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
