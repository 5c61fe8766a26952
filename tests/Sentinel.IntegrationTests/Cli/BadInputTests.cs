using System.Text;
using System.Text.Json;
using Sentinel.IntegrationTests.Support;
using Sentinel.Server.Database;

namespace Sentinel.IntegrationTests.Cli;

/// <summary>Whatever is handed to the program: one clear sentence, the right exit code, nothing lost.</summary>
public sealed class BadInputTests : IAsyncLifetime
{
    const string Line =
        "Nov  3 06:02:12 gateway sshd[811]: Failed password for root from 192.0.2.14 port 1 ssh2\n";

    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("sentinel-bad-");
    TestDatabase database = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        database = await TestDatabase.CreateAsync();
        await SentinelSchemas.MigrateAsync(
            database.SuperuserConnectionString,
            database.Data,
            Cancellation
        );
        await Founding.FoundAsync(
            database.SuperuserConnectionString,
            database.Data,
            Founding.Default,
            Cancellation
        );
    }

    [Fact]
    public async Task What_cannot_be_read_is_kept_counted_and_listed()
    {
        const int LongLineBytes = 10 * 1024 * 1024;
        var binary = await WriteAsync("binary.bin", [0, 1, 2, 10, 0, 255, 10]);
        var text = await WriteAsync(
            "mixed.log",
            [
                .. Encoding.UTF8.GetBytes(Line),
                0xFF,
                0xFE,
                (byte)'\n',
                .. Enumerable.Repeat((byte)'A', LongLineBytes),
                (byte)'\n',
                .. Encoding.UTF8.GetBytes(Line),
            ]
        );
        var counts = await IngestAsync(binary, text);
        Assert.Equal((2, 4), (Number(counts, "events"), Number(counts, "unparsed")));
        Assert.Equal(6, Number(counts, "raw_events"));

        var again = await IngestAsync(text, binary);
        Assert.Equal((0, 6), (Number(again, "raw_events"), Number(again, "seen_before")));

        var failures = await RunAsync("failures", "--json");
        var list = JsonDocument.Parse(failures.Output).RootElement;
        Assert.Equal(4, list.GetProperty("latest").GetArrayLength());
        Assert.All(
            list.GetProperty("latest").EnumerateArray(),
            failure => Assert.NotEmpty(failure.GetProperty("reason").GetString()!)
        );
    }

    [Fact]
    public async Task A_file_that_is_not_there_stops_the_load_before_it_begins()
    {
        var good = await WriteAsync("good.log", Encoding.UTF8.GetBytes(Line));
        var ran = await RunAsync("ingest", good, good + ".gone");
        ran.IsOneSentence(1, "good.log.gone");
        Assert.Equal(
            0,
            await database.AskAsSuperuserAsync<long>("SELECT count(*) FROM siem.raw_events")
        );
    }

    [Fact]
    public async Task A_credential_that_is_over_says_so_and_one_of_nobody_too()
    {
        (await RunAsync("sp_nobody", "failures")).IsOneSentence(1, "unknown");
        await database.RunAsSuperuserAsync(
            """
            ALTER TABLE psa.credentials DISABLE TRIGGER ALL;
            UPDATE psa.credentials SET created_at = now() - interval '2 days',
                expires_at = now() - interval '1 day'
            """
        );
        (await RunAsync("failures")).IsOneSentence(1, "expired");
    }

    [Fact]
    public async Task A_policy_with_errors_shows_each_with_its_place()
    {
        var policy = await WriteAsync(
            "wrong.sentinel",
            """
            rule wrong
              "Two mistakes"
              severity 77
              let failed = event auth.login_failed where sevrity >= high
              aggregate failed by source_ip within 5m
                having count(failed) >= 10
              confidence 60
              raises brute_force "many"
            """u8.ToArray()
        );
        var ran = await RunAsync("policy", "check", policy);
        Assert.Equal(1, ran.ExitCode);
        Assert.Contains("wrong.sentinel:4:", ran.Error);
        Assert.Contains("Did you mean 'severity'?", ran.Error);
        Assert.Contains("wrong.sentinel:3:", ran.Error);
        Assert.Contains("^^^^^^^", ran.Error);
        var json = await RunAsync("policy", "check", policy, "--json");
        Assert.Equal(
            2,
            JsonDocument.Parse(json.Output).RootElement.GetProperty("diagnostics").GetArrayLength()
        );
    }

    [Theory]
    [InlineData("explain", "nonsense")]
    [InlineData("search", "", "--from", "yesterday")]
    [InlineData("ingest")]
    [InlineData("policy", "check", "/nowhere")]
    public async Task Wrong_usage_is_one_sentence_and_exit_code_2(params string[] arguments) =>
        (await Launched.RunAsync(Environment(null), arguments)).IsOneSentence(2, ".");

    [Fact]
    public async Task A_query_that_asks_for_no_field_gets_a_suggestion()
    {
        var ran = await RunAsync("search", "sorce_ip == 192.0.2.14");
        Assert.Equal(1, ran.ExitCode);
        Assert.Contains("Did you mean 'source_ip'?", ran.Error);
    }

    async Task<string> WriteAsync(string name, byte[] content)
    {
        var path = Path.Combine(folder.FullName, name);
        await File.WriteAllBytesAsync(path, content, Cancellation);
        return path;
    }

    async Task<JsonElement> IngestAsync(params string[] files)
    {
        var ran = await RunAsync(["ingest", "--json", .. files]);
        Assert.Equal((0, ""), (ran.ExitCode, ran.Error));
        return JsonDocument.Parse(ran.Output).RootElement;
    }

    static int Number(JsonElement counts, string name) => counts.GetProperty(name).GetInt32();

    Task<Ran> RunAsync(params string[] arguments) =>
        arguments[0].StartsWith("sp_", StringComparison.Ordinal)
            ? Launched.RunAsync(Environment(arguments[0]), arguments[1..])
            : Launched.RunAsync(Environment(null), arguments);

    Dictionary<string, string?> Environment(string? token) =>
        new()
        {
            ["SENTINEL_DATABASE"] = database.ConnectionString,
            ["SENTINEL_DATA"] = database.Data.Path,
            ["SENTINEL_TOKEN"] = token,
        };

    public async ValueTask DisposeAsync()
    {
        await database.DisposeAsync();
        folder.Delete(recursive: true);
    }
}
