using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Sentinel.Workflows.Definitions;
using Sentinel.Workflows.Execution;
using Sentinel.Workflows.Simulation;

namespace Sentinel.Workflows.Recordings;

/// <summary>
/// Runs a recorded case on the real executor, in virtual time and without effects, and compares what
/// comes out with what was recorded.
/// </summary>
public sealed class RunWorkflowCase(ActivityCatalogue activities)
{
    /// <exception cref="FormatException">The text is not a recorded case; the message says why.</exception>
    public WorkflowCaseResult Run(string json)
    {
        Recording recording;
        try
        {
            recording = Recording.Read(json);
        }
        catch (Exception bad)
            when (bad is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException($"This is not a recorded case: {bad.Message}", bad);
        }
        var loaded = LoadedWorkflow.Load(recording.Definition, activities.Descriptions);
        return loaded.Definition is { } definition
            ? Compare(recording, definition)
            : new WorkflowCaseResult(recording.Name, recording.Divergence, false, [], null)
            {
                Refused = string.Join(" ", loaded.Problems),
            };
    }

    WorkflowCaseResult Compare(Recording recording, WorkflowDefinition definition)
    {
        var instance = new VirtualInstance(
            definition,
            activities,
            new Dictionary<string, ActivityAnswer>()
        );
        var bookmarks = new JsonArray();
        var statuses = new JsonArray();
        foreach (var step in recording.Steps)
        {
            instance.Take(step);
            bookmarks.Add(Outcome.Bookmarks(instance.State!));
            statuses.Add(
                Outcome.Status(
                    instance.State!,
                    step is ScriptStep.StartStep,
                    step is ScriptStep.AdvanceStep
                )
            );
        }
        var actual = Outcome.AtEnd(definition, instance.State!, instance.Journal);
        actual["bookmarksAfterEachStep"] = bookmarks;
        actual["statusAfterEachStep"] = statuses;
        var differences = Comparison.Differences(recording.Expect, actual);
        return new WorkflowCaseResult(
            recording.Name,
            recording.Divergence,
            differences.Count == 0,
            differences,
            actual
        );
    }
}

/// <summary>One line of <c>workflow case --json</c>.</summary>
public sealed record WorkflowCaseResult(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("divergence")] string? Divergence,
    [property: JsonPropertyName("same")] bool Same,
    [property: JsonPropertyName("differences")] IReadOnlyList<string> Differences,
    [property: JsonPropertyName("actual")] JsonObject? Actual
)
{
    /// <summary>Why the definition cannot be published, or null.</summary>
    [JsonPropertyName("refused")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Refused { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this);
}
