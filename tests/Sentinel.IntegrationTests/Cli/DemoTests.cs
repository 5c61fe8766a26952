using System.Text.Json;

namespace Sentinel.IntegrationTests.Cli;

/// <summary>The real program, from nothing to a sealed case, twice.</summary>
public sealed class DemoTests : IDisposable
{
    readonly DirectoryInfo data = Directory.CreateTempSubdirectory("sentinel-demo-");

    [Fact]
    public async Task The_demo_walks_to_a_sealed_case_with_two_real_refusals_and_again()
    {
        var ran = await RunAsync("demo", "--json");
        Assert.Equal((0, ""), (ran.ExitCode, ran.Error));
        var story = JsonDocument.Parse(ran.Output).RootElement;
        Assert.Equal(
            story.GetProperty("raw_events").GetInt32(),
            story.GetProperty("events").GetInt32()
                + story.GetProperty("unparsed").GetInt32()
                + story.GetProperty("duplicates").GetInt32()
        );
        var walked = story.GetProperty("case");
        Assert.Equal("closed", walked.GetProperty("status").GetString());
        Assert.Equal("person", walked.GetProperty("closed_by").GetProperty("kind").GetString());
        Assert.All(
            walked.GetProperty("tasks").EnumerateArray(),
            task => Assert.Equal("done", task.GetProperty("status").GetString())
        );
        Assert.Equal(
            ["close", "attest"],
            story
                .GetProperty("refusals")
                .EnumerateArray()
                .Select(refusal => refusal.GetProperty("action").GetString())
        );
        var audit = story.GetProperty("audit");
        Assert.True(audit.GetProperty("sealed").GetBoolean());
        Assert.True(File.Exists(audit.GetProperty("head").GetString()));
        var package = new Uri(story.GetProperty("package").GetProperty("uri").GetString()!);
        await VerifiesAsync(package.LocalPath);
        await FitsAScreenAsync();
    }

    async Task FitsAScreenAsync()
    {
        const int ScreenLines = 24;
        var ran = await RunAsync("demo");
        Assert.Equal((0, ""), (ran.ExitCode, ran.Error));
        Assert.InRange(ran.Output.TrimEnd('\n').Split('\n').Length, 10, ScreenLines);
        Assert.DoesNotContain('\u001b', ran.Output);
    }

    [Fact]
    public async Task A_log_in_which_nothing_happened_has_no_story_and_says_so()
    {
        var log = Path.Combine(data.FullName, "quiet.log");
        await File.WriteAllTextAsync(
            log,
            "Nov  3 06:02:11 gateway sshd[811]: Accepted publickey for ada from 192.0.2.14 port 1 ssh2\n",
            TestContext.Current.CancellationToken
        );
        (await RunAsync("demo", "--log", log)).IsOneSentence(1, "none of which was escalated");
        (await RunAsync("demo", "--log", log + ".gone")).IsOneSentence(1, "There is no file");
    }

    async Task VerifiesAsync(string package)
    {
        var intact = await RunAsync("verify", "evidence", package);
        Assert.Equal((0, ""), (intact.ExitCode, intact.Error));
        var bytes = await File.ReadAllBytesAsync(package, TestContext.Current.CancellationToken);
        bytes[bytes.Length / 2] ^= 1;
        var copy = Path.Combine(data.FullName, "copy.zip");
        await File.WriteAllBytesAsync(copy, bytes, TestContext.Current.CancellationToken);
        Assert.Equal(1, (await RunAsync("verify", "evidence", copy)).ExitCode);
    }

    Task<Ran> RunAsync(params string[] arguments) =>
        Launched.RunAsync(
            new Dictionary<string, string?> { ["SENTINEL_DATA"] = data.FullName },
            arguments
        );

    public void Dispose() => data.Delete(recursive: true);
}
