using System.CommandLine;
using System.Diagnostics;
using Sentinel.Cli.Demonstration;
using Sentinel.Cli.Output;
using Sentinel.Cli.Sessions;
using Sentinel.Postgres;
using Sentinel.Postgres.Embedded;
using Sentinel.Server;
using Sentinel.Server.Database;
using Spectre.Console;

namespace Sentinel.Cli.Commands;

/// <summary>Everything from nothing, in a data directory of its own, on a private PostgreSQL.</summary>
static class DemoCommand
{
    public static Command Build()
    {
        var log = new Option<string?>("--log")
        {
            Description = "Real lines to walk with, instead of the sample.",
        };
        var json = CommandResults.Json();
        var command = new Command("demo", "Walk real lines to a sealed case, and tell the story.")
        {
            log,
            json,
        };
        command.SetAction(
            (parsed, cancellation) =>
                RunAsync(parsed, parsed.GetValue(log), parsed.GetValue(json), cancellation)
        );
        return command;
    }

    static async Task<int> RunAsync(
        ParseResult parsed,
        string? log,
        bool json,
        CancellationToken cancellation
    )
    {
        var started = Stopwatch.GetTimestamp();
        if (log is not null && !File.Exists(log))
            throw new FileNotFoundException(null, log);
        var progress = Output.ProgressBar.OnStandardError();
        var story = await progress.WhileAsync(
            "starting a private PostgreSQL",
            async step =>
            {
                var data = await EmptyAsync(cancellation);
                log ??= await SampleAsync(data, cancellation);
                ServerLog.Start(data, toConsole: false);
                await using var session = CommandSession.On(
                    await RunningDatabase.StartPrivateAsync(data, cancellation)
                );
                return await new DemoWalk(session, step).RunAsync(log, cancellation);
            }
        );
        var output = parsed.InvocationConfiguration.Output;
        if (json)
            output.WriteJson(story.ToJson());
        else
            DemoText.Write(
                AnsiConsole.Create(
                    new AnsiConsoleSettings { Out = new Wide(output, Console.IsOutputRedirected) }
                ),
                story,
                Stopwatch.GetElapsedTime(started)
            );
        return ExitCodes.Yes;
    }

    /// <summary>The demo's own data directory, with nothing of the last one left.</summary>
    static async Task<DataDirectory> EmptyAsync(CancellationToken cancellation)
    {
        var path = Path.Combine(DataDirectory.FromEnvironment().Path, "demo");
        if (Directory.Exists(path))
        {
            var old = new DataDirectory(path);
            await using (
                var server = await EmbeddedPostgres.StartAsync(old, cancellation: cancellation)
            )
                await server.RemoveAsync();
            Directory.Delete(path, recursive: true);
        }
        return new DataDirectory(path);
    }

    static async Task<string> SampleAsync(DataDirectory data, CancellationToken cancellation)
    {
        var path = Path.Combine(data.Path, "sample.log");
        await using var sample = typeof(DemoCommand).Assembly.GetManifestResourceStream(
            "sample.log"
        )!;
        await using var file = File.Create(path);
        await sample.CopyToAsync(file, cancellation);
        return path;
    }

    // A pipe has no width: nothing is wrapped there.
    sealed class Wide(TextWriter output, bool redirected) : IAnsiConsoleOutput
    {
        const int PipeColumns = 400;

        readonly AnsiConsoleOutput inner = new(output);

        public TextWriter Writer => output;

        public bool IsTerminal => !redirected && ReferenceEquals(output, Console.Out);

        public int Width => IsTerminal ? inner.Width : PipeColumns;

        public int Height => inner.Height;

        public void SetEncoding(System.Text.Encoding encoding) => inner.SetEncoding(encoding);
    }
}
