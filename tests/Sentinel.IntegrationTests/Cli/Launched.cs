using System.Diagnostics;

namespace Sentinel.IntegrationTests.Cli;

/// <summary>The real program in a process of its own, as the launcher starts it.</summary>
static class Launched
{
    public static async Task<Ran> RunAsync(
        IReadOnlyDictionary<string, string?> environment,
        params string[] arguments
    )
    {
        using var process = Begin(environment, arguments);
        process.StandardInput.Close();
        var cancellation = TestContext.Current.CancellationToken;
        var output = process.StandardOutput.ReadToEndAsync(cancellation);
        var error = process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return new Ran(process.ExitCode, await output, await error);
    }

    public static Process Begin(
        IReadOnlyDictionary<string, string?> environment,
        params string[] arguments
    )
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "sentinel.dll"));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var name in new[] { "SENTINEL_DATABASE", "SENTINEL_TOKEN", "SENTINEL_DATA" })
            start.Environment.Remove(name);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }
}

sealed record Ran(int ExitCode, string Output, string Error)
{
    /// <summary>What a person reads when it did not work: one sentence, and no stack trace.</summary>
    public void IsOneSentence(int exitCode, string saying)
    {
        Assert.Equal(exitCode, ExitCode);
        Assert.Single(Error.TrimEnd('\n').Split('\n'));
        Assert.Contains(saying, Error);
        Assert.DoesNotContain("   at ", Error);
        Assert.DoesNotContain("Exception", Error);
        Assert.Empty(Output);
    }
}
