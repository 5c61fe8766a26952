using System.CommandLine;
using Sentinel.Cli.Output;
using Sentinel.Postgres;
using Sentinel.Server.Database;

namespace Sentinel.Cli.Commands;

/// <summary>The only command that takes a user from SENTINEL_DATABASE.</summary>
static class MigrateCommand
{
    public static Command Build()
    {
        var organisation = new Option<string>("--organisation")
        {
            Description = "Name of the first organisation, founded where it is missing.",
            DefaultValueFactory = _ => Founding.Default.Name,
        };
        var administrator = new Option<string>("--administrator")
        {
            Description = "Address of its first administrator.",
            DefaultValueFactory = _ => Founding.Default.AdministratorEmail,
        };
        var command = new Command("migrate", "Create or upgrade the schemas and roles.")
        {
            organisation,
            administrator,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var output = parsed.InvocationConfiguration.Output;
                var data = DataDirectory.FromEnvironment();
                var first = Founding.Default with
                {
                    Name = parsed.GetValue(organisation)!,
                    AdministratorEmail = parsed.GetValue(administrator)!,
                };
                var outcome = await RunningDatabase.MigrateAsync(data, first, cancellation);
                foreach (var step in outcome.Applied)
                    await output.WriteLineAsync($"applied {step}");
                await output.WriteLineAsync(
                    outcome.NothingToDo ? "Nothing to do." : "The database is ready."
                );
                return ExitCodes.Yes;
            }
        );
        return command;
    }
}
