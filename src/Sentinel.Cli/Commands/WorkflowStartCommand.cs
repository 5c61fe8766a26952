using System.CommandLine;
using System.Text.Json;
using Sentinel.Cli.Output;
using Sentinel.Psa.Automation;
using static Sentinel.Cli.Sessions.CaseworkCommands;

namespace Sentinel.Cli.Commands;

/// <summary>What people have workflows do for a case: begin, and go on because something happened.</summary>
static class WorkflowStartCommand
{
    public static Command Start()
    {
        var workflow = Words("WORKFLOW", "The id of a published workflow, as in contain_account.");
        var inputs = new Option<string[]>("--input")
        {
            Description = "An input besides those of the case's first workflow, as in User=root.",
        };
        return OnCase(
            "start",
            "Start a published workflow for a case.",
            [workflow, inputs],
            async (asked, caseId) =>
                asked.Say(
                    await asked
                        .Use<RunWorkflow>()
                        .RunAsync(
                            asked.Secret,
                            caseId,
                            asked.Get(workflow)!,
                            WorkflowRunCommand.ReadInputs(asked.Get(inputs) ?? []),
                            asked.Cancellation
                        ),
                    instance => $"It begins within a second: see sentinel workflow show {instance}"
                )
        );
    }

    public static Command Raise()
    {
        var name = Words("EVENT", "The name of the event, as it was drawn.");
        var payload = Text("--payload", "What is told with it, as JSON.");
        return OnCase(
            "raise",
            "Tell a case's workflows that something happened: what waits for it goes on, what begins with it starts.",
            [name, payload],
            async (asked, caseId) =>
                asked.Say(
                    await asked
                        .Use<RunWorkflow>()
                        .RaiseAsync(
                            asked.Secret,
                            caseId,
                            asked.Get(name)!,
                            ReadJson(asked.Get(payload)),
                            asked.Cancellation
                        ),
                    Told
                )
        );
    }

    static string Told(Sentinel.Workflows.RaisedEvent raised) =>
        string.Join(
            '\n',
            raised
                .Started.Select(one =>
                    $"{one.Workflow} begins: see sentinel workflow show {one.InstanceId}"
                )
                .Prepend($"{raised.Answered} waited for it, {raised.Started.Count} begin with it.")
        );

    static JsonElement ReadJson(string? text)
    {
        try
        {
            using var document = JsonDocument.Parse(text ?? "null");
            return document.RootElement.Clone();
        }
        catch (JsonException bad)
        {
            throw new WrongUsageException($"--payload is not JSON: {bad.Message}");
        }
    }
}
