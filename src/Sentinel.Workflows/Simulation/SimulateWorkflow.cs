using System.Text.Json;
using Sentinel.Workflows.Definitions;
using Sentinel.Workflows.Execution;

namespace Sentinel.Workflows.Simulation;

/// <summary>What a simulated run came to.</summary>
/// <param name="Status">Finished, Faulted, Suspended or Cancelled.</param>
/// <param name="Path">The activities in the order in which they began, containers left out.</param>
/// <param name="Waits">The activities that still wait, in the order of their ids.</param>
/// <param name="Problems">What the script got wrong, and where it expected something else.</param>
public sealed record SimulatedRun(
    string Name,
    string Status,
    IReadOnlyList<string> Path,
    IReadOnlyList<string> Waits,
    IReadOnlyDictionary<string, JsonElement> Outputs,
    IReadOnlyList<SimulatedEvent> Journal,
    IReadOnlyList<string> Problems
);

/// <param name="At">Virtual time since the start.</param>
/// <param name="Detail">Inputs where it started, outputs where it completed; null where there are none.</param>
public sealed record SimulatedEvent(
    TimeSpan At,
    string Activity,
    string Event,
    IReadOnlyList<string> Outcomes,
    string? Message,
    JsonElement? Detail
);

/// <summary>Runs a definition in virtual time, with a script's answers and without any effect.</summary>
public sealed class SimulateWorkflow(ActivityCatalogue activities)
{
    /// <exception cref="FormatException">The script cannot be read; the message says why.</exception>
    public SimulatedRun Run(WorkflowDefinition definition, JsonElement script) =>
        Run(definition, WorkflowScript.Read(script));

    SimulatedRun Run(WorkflowDefinition definition, WorkflowScript script)
    {
        var instance = new VirtualInstance(definition, activities, script.Answers);
        var problems = script
            .Answers.Select(answer => BadAnswer(definition, answer.Key, answer.Value))
            .OfType<string>()
            .ToList();
        for (var number = 0; number < script.Steps.Count; number++)
        {
            if (
                script.Steps[number] is ScriptStep.ResumeStep resume
                && BadPort(definition, resume.Activity, resume.Outcome) is { } bad
            )
                problems.Add($"steps[{number}]: {bad}");
            instance.Take(script.Steps[number]);
            if (instance.Missed is { } missed)
                problems.Add($"steps[{number}]: {missed}");
        }
        var run = Described(script.Name, definition, instance);
        if (script.Expect is { } expect)
            problems.AddRange(Differences(expect, run));
        return run with { Problems = problems };
    }

    string? BadAnswer(WorkflowDefinition definition, string activity, ActivityAnswer answer) =>
        definition.Nodes.GetValueOrDefault(activity) is not { } node
        || activities.Acting(node.Type) is null
            ? $"answers: no activity '{activity}' answers: name one that acts outside the flow"
        : answer is ActivityAnswer.Completed completed
        && BadPort(definition, activity, completed.Outcome) is { } bad
            ? $"answers: {bad}"
        : null;

    string? BadPort(WorkflowDefinition definition, string activity, string outcome) =>
        definition.Nodes.GetValueOrDefault(activity) is { } node
        && activities.Acting(node.Type)?.Outcomes is { } ports
        && !ports.Contains(outcome)
            ? $"'{activity}' has no port '{outcome}': it has {string.Join(", ", ports)}"
            : null;

    static SimulatedRun Described(
        string name,
        WorkflowDefinition definition,
        VirtualInstance instance
    )
    {
        var drawn = instance
            .Journal.Where(item =>
                item.Row.Event == JournalEvent.Faulted
                || definition.Nodes[item.Row.ActivityId].Activities.Count == 0
            )
            .ToList();
        return new SimulatedRun(
            name,
            instance.State!.Status.ToString(),
            [
                .. drawn
                    .Where(item => item.Row.Event == JournalEvent.Started)
                    .Select(item => item.Row.ActivityId),
            ],
            [
                .. instance
                    .State.Bookmarks.Select(bookmark => bookmark.ActivityId)
                    .Order(StringComparer.Ordinal),
            ],
            instance.State.Outputs,
            [
                .. drawn.Select(item => new SimulatedEvent(
                    item.At,
                    item.Row.ActivityId,
                    item.Row.Event.ToString(),
                    item.Row.Outcomes ?? [],
                    item.Row.Message,
                    item.Row.Detail
                )),
            ],
            []
        );
    }

    static IEnumerable<string> Differences(JsonElement expect, SimulatedRun run)
    {
        if (expect.ValueKind != JsonValueKind.Object)
            return ["expect: an object with status, path, waits or outputs"];
        return expect
            .EnumerateObject()
            .SelectMany(part =>
                part.Name switch
                {
                    "status" => Same("status", part.Value, Values.Of(run.Status)),
                    "path" => Same("path", part.Value, Values.Of(run.Path)),
                    "waits" => Same("waits", part.Value, Values.Of(run.Waits)),
                    "outputs" when part.Value.ValueKind == JsonValueKind.Object => part
                        .Value.EnumerateObject()
                        .SelectMany(output =>
                            Same(
                                $"outputs.{output.Name}",
                                output.Value,
                                run.Outputs.GetValueOrDefault(output.Name, Values.Null)
                            )
                        ),
                    _ => [$"expect: '{part.Name}' is none of status, path, waits and outputs"],
                }
            );
    }

    static IEnumerable<string> Same(string part, JsonElement expected, JsonElement actual) =>
        JsonElement.DeepEquals(expected, actual)
            ? []
            :
            [
                $"{part}: expected {JsonSerializer.Serialize(expected)}, was {JsonSerializer.Serialize(actual)}",
            ];
}
