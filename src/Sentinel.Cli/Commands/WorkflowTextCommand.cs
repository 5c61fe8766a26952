using System.CommandLine;
using Sentinel.Cli.Output;
using Sentinel.Workflows.Text;

namespace Sentinel.Cli.Commands;

/// <summary>Definitions as texts: written in the one way in which we write them, and compared.</summary>
static class WorkflowTextCommand
{
    public static Command Format()
    {
        var files = new Argument<string[]>("FILE")
        {
            Description = "Elsa 3 definition JSON.",
            Arity = ArgumentArity.OneOrMore,
        };
        var check = new Option<bool>("--check")
        {
            Description = "Change nothing; say which files are written differently.",
        };
        var command = new Command(
            "fmt",
            "Write definitions as Sentinel does: members in order, without what says which version it is."
        )
        {
            files,
            check,
        };
        command.SetAction(parsed =>
        {
            var wrong = 0;
            foreach (var file in parsed.GetValue(files)!)
            {
                var text = File.ReadAllText(file);
                var formatted = CanonicalDefinition.Write(
                    text,
                    null,
                    WorkflowCommand.Activities.Descriptions
                );
                if (formatted == text)
                    continue;
                wrong++;
                if (parsed.GetValue(check))
                    parsed.InvocationConfiguration.Error.WriteLine(
                        $"{file} is written differently: run workflow fmt."
                    );
                else
                    File.WriteAllText(file, formatted);
            }
            return wrong > 0 && parsed.GetValue(check) ? ExitCodes.No : ExitCodes.Yes;
        });
        return command;
    }

    public static Command Compare()
    {
        var before = new Argument<string>("OLD") { Description = "Elsa 3 definition JSON." };
        var after = new Argument<string>("NEW") { Description = "Elsa 3 definition JSON." };
        var json = CommandResults.Json();
        var command = new Command(
            "diff",
            "Say what differs between two definitions: activities, connections, inputs, tests."
        )
        {
            before,
            after,
            json,
        };
        command.SetAction(parsed =>
        {
            var changes = DefinitionDifference.Between(
                File.ReadAllText(parsed.GetValue(before)!),
                File.ReadAllText(parsed.GetValue(after)!)
            );
            if (parsed.GetValue(json))
                parsed.InvocationConfiguration.Output.WriteJson(changes);
            else
                foreach (var change in changes)
                    parsed.InvocationConfiguration.Output.WriteLine(change);
            return changes.Count == 0 ? ExitCodes.Yes : ExitCodes.No;
        });
        return command;
    }
}
