using System.Diagnostics;
using Sentinel.IntegrationTests.Cli;
using Sentinel.IntegrationTests.Support;

namespace Sentinel.IntegrationTests.Workflows;

/// <summary><c>sentinel serve</c> as a process of its own, that a test may kill.</summary>
sealed class ServedProcess : IAsyncDisposable
{
    const string Listening = "Listening on ";

    readonly Process process;

    ServedProcess(Process process, string url)
    {
        this.process = process;
        Url = url;
        Ready = TimeProvider.System.GetUtcNow();
    }

    public string Url { get; }

    /// <summary>When it said that it listens.</summary>
    public DateTimeOffset Ready { get; }

    public static IReadOnlyDictionary<string, string?> Environment(string database, string data) =>
        new Dictionary<string, string?>
        {
            ["SENTINEL_DATABASE"] = database,
            ["SENTINEL_DATA"] = data,
        };

    public static async Task<ServedProcess> StartAsync(TestDatabase database)
    {
        var process = Launched.Begin(
            Environment(database.ConnectionString, database.Data.Path),
            "serve",
            "--urls",
            "http://127.0.0.1:0"
        );
        var errors = process.StandardError.ReadToEndAsync();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
            if (line.StartsWith(Listening, StringComparison.Ordinal))
                return new ServedProcess(process, line[Listening.Length..]);
        throw new InvalidOperationException($"The server ended: {await errors}");
    }

    /// <summary>At once, as by kill -9; when that was.</summary>
    public async Task<DateTimeOffset> KillAsync()
    {
        process.Kill();
        var killed = TimeProvider.System.GetUtcNow();
        await process.WaitForExitAsync();
        return killed;
    }

    public ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill();
        process.Dispose();
        return ValueTask.CompletedTask;
    }
}
