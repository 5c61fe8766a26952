using System.CommandLine;
using Sentinel.Cli.Output;
using Sentinel.Postgres;
using Sentinel.Server;
using Sentinel.Server.Database;

namespace Sentinel.Cli.Commands;

/// <summary>API, workers and jobs; a private PostgreSQL unless SENTINEL_DATABASE names one.</summary>
static class ServeCommand
{
    public static Command Build()
    {
        var urls = new Option<string>("--urls")
        {
            Description = "Where to listen; several are separated by semicolons.",
            DefaultValueFactory = _ => SentinelServer.DefaultUrls,
        };
        var data = new Option<string?>("--data")
        {
            Description = "The data directory; else SENTINEL_DATA, else .sentinel.",
        };
        var log = new Option<bool>("--log-to-console")
        {
            Description = "Also write the log to standard output, one JSON object a line.",
        };
        var command = new Command("serve", "Run the API, the workers and the jobs.")
        {
            urls,
            data,
            log,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var output = parsed.InvocationConfiguration.Output;
                var directory = parsed.GetValue(data) is { Length: > 0 } path
                    ? new DataDirectory(path)
                    : DataDirectory.FromEnvironment();
                ServerLog.Start(directory, parsed.GetValue(log));
                await using var running = await RunningDatabase.StartAsync(directory, cancellation);
                await SentinelServer.RunAsync(
                    running,
                    parsed.GetValue(urls)!,
                    listening => output.WriteLine($"Listening on {string.Join(", ", listening)}"),
                    cancellation
                );
                return ExitCodes.Yes;
            }
        );
        return command;
    }
}
