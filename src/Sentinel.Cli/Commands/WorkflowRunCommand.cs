using System.CommandLine;
using System.Text.Json;
using Sentinel.Cli.Output;
using Sentinel.Workflows.Definitions;
using Sentinel.Workflows.Simulation;

namespace Sentinel.Cli.Commands;

/// <summary>Simulates a definition: virtual time, a script's answers, no effect anywhere.</summary>
static class WorkflowRunCommand
{
    public static Command Build()
    {
        var file = new Argument<string>("FILE") { Description = "Elsa 3 definition JSON." };
        var script = new Option<string?>("--script")
        {
            Description =
                "JSON with answers, steps and expect; without one it starts and stops where it waits.",
        };
        var inputs = new Option<string[]>("--input")
        {
            Description = "An input of the workflow without a script, as in --input User=root.",
        };
        var json = CommandResults.Json();
        var command = new Command("run", "Simulate a definition and print the path it takes.")
        {
            file,
            script,
            inputs,
            json,
        };
        command.SetAction(parsed =>
        {
            var (output, error) = (
                parsed.InvocationConfiguration.Output,
                parsed.InvocationConfiguration.Error
            );
            var loaded = WorkflowCommand.Activities.Load(File.ReadAllText(parsed.GetValue(file)!));
            if (loaded.Definition is not { } definition)
            {
                foreach (var problem in loaded.Problems)
                    error.WriteLine($"{parsed.GetValue(file)}: {problem}");
                return ExitCodes.No;
            }
            var named = parsed.GetValue(inputs) ?? [];
            var given =
                parsed.GetValue(script) is not { } name ? StartWith(named)
                : named.Length == 0 ? ReadScript(name)
                : throw new WrongUsageException(
                    "A script says its inputs itself, in its first step: leave --input out."
                );
            var run = Simulate(definition, given);
            if (parsed.GetValue(json))
                output.WriteJson(run);
            else
                Print(output, run);
            foreach (var wrong in run.Problems)
                error.WriteLine(wrong);
            return run.Problems.Count == 0 ? ExitCodes.Yes : ExitCodes.No;
        });
        return command;
    }

    static SimulatedRun Simulate(WorkflowDefinition definition, JsonElement script)
    {
        try
        {
            return new SimulateWorkflow(WorkflowCommand.Activities).Run(definition, script);
        }
        catch (FormatException unreadable)
        {
            throw new WrongUsageException(unreadable.Message);
        }
    }

    static JsonElement ReadScript(string file)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllText(file));
            return document.RootElement.Clone();
        }
        catch (JsonException bad)
        {
            throw new WrongUsageException($"{file} is not JSON: {bad.Message}");
        }
    }

    static JsonElement StartWith(string[] inputs) =>
        JsonSerializer.SerializeToElement(
            new { steps = new object[] { new { start = ReadInputs(inputs) } } }
        );

    /// <exception cref="WrongUsageException">One is not of the form NAME=VALUE.</exception>
    public static Dictionary<string, JsonElement> ReadInputs(string[] inputs)
    {
        Dictionary<string, JsonElement> all = [];
        foreach (var input in inputs)
            all[input.Split('=', 2)[0]] = input.Split('=', 2) is [{ Length: > 0 }, var value]
                ? JsonSerializer.SerializeToElement(value)
                : throw new WrongUsageException(
                    $"--input '{input}' is not of the form NAME=VALUE."
                );
        return all;
    }

    static void Print(TextWriter output, SimulatedRun run)
    {
        var width = run.Path.Select(id => id.Length).DefaultIfEmpty(0).Max();
        foreach (var happened in run.Journal)
        {
            var by =
                happened.Outcomes.Count > 0 ? $" by {string.Join(", ", happened.Outcomes)}" : "";
            var with = happened.Detail is { } detail ? $" with {detail.GetRawText()}" : "";
            var why = happened.Message is { } message ? $": {message}" : "";
            output.WriteLine(
                ExplainText.Printable(
                    $"{happened.At:d\\.hh\\:mm\\:ss}  {happened.Activity.PadRight(width)}  {happened.Event.ToLowerInvariant()}{by}{with}{why}"
                )
            );
        }
        output.WriteLine(
            run.Waits.Count > 0
                ? $"{run.Status}: it waits at {string.Join(", ", run.Waits)}."
                : $"{run.Status}."
        );
        foreach (var (name, value) in run.Outputs)
            output.WriteLine($"{name} = {value.GetRawText()}");
    }
}
