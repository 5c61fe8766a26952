using System.CommandLine;
using Sentinel.Cli.Output;
using Sentinel.Postgres;
using Sentinel.Server;

namespace Sentinel.Cli.Commands;

/// <summary>The only command that takes a user from SENTINEL_DATABASE.</summary>
static class MigrateCommand
{
    public static Command Build()
    {
        var command = new Command("migrate", "Create or upgrade the schemas and roles.");
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var output = parsed.InvocationConfiguration.Output;
                var data = DataDirectory.FromEnvironment();
                var outcome = await RunningDatabase.MigrateAsync(data, cancellation);
                foreach (var step in outcome.Applied)
                    await output.WriteLineAsync($"applied {step}");
                await output.WriteLineAsync(
                    outcome.NothingToDo ? "Nothing to do." : "The database is ready."
                );
                return ExitCode.Yes;
            }
        );
        return command;
    }
}
