using System.Text.Json;
using Sentinel.Workflows.Definitions;

namespace Sentinel.Workflows.Recordings;

/// <summary>A definition, what is done to an instance of it, and what is expected to come out.</summary>
sealed record Recording(
    string Name,
    string? Divergence,
    JsonElement Definition,
    IReadOnlyList<RecordedStep> Steps,
    JsonElement Expect
)
{
    public static Recording Read(string json)
    {
        var root = Values.Parse(json);
        return new Recording(
            root.GetProperty("name").GetString()!,
            Text(root, "divergence"),
            root.GetProperty("definition"),
            [.. root.GetProperty("steps").EnumerateArray().Select(RecordedStep.Read)],
            root.GetProperty("expect")
        );
    }

    internal static string? Text(JsonElement json, string property) =>
        json.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}

abstract record RecordedStep
{
    public sealed record StartStep(
        IReadOnlyDictionary<string, JsonElement> Inputs,
        string? CorrelationId,
        string? Trigger
    ) : RecordedStep;

    public sealed record EventStep(string Name, string? CorrelationId, JsonElement Payload)
        : RecordedStep;

    public sealed record ResumeStep(string Activity, string Outcome) : RecordedStep;

    public sealed record CompleteTaskStep(string Activity, JsonElement Given, bool Again)
        : RecordedStep;

    public sealed record CancelStep : RecordedStep;

    public sealed record AdvanceStep(TimeSpan By) : RecordedStep;

    public static RecordedStep Read(JsonElement json)
    {
        var step = json.EnumerateObject().First();
        return step.Name switch
        {
            "start" => new StartStep(
                step.Value.EnumerateObject()
                    .ToDictionary(input => input.Name, input => input.Value),
                Recording.Text(json, "correlationId"),
                Recording.Text(json, "triggerActivityId")
            ),
            "event" => new EventStep(
                Recording.Text(step.Value, "name")!,
                Recording.Text(step.Value, "correlationId"),
                Optional(step.Value, "payload")
            ),
            "resume" => new ResumeStep(
                Recording.Text(step.Value, "activity")!,
                Recording.Text(step.Value, "outcome")!
            ),
            "completeTask" => new CompleteTaskStep(
                Recording.Text(step.Value, "activity")!,
                Optional(step.Value, "result"),
                Optional(step.Value, "again").ValueKind == JsonValueKind.True
            ),
            "cancel" => new CancelStep(),
            "advance" => new AdvanceStep(Values.AsDuration(step.Value)),
            _ => throw new FormatException($"'{step.Name}' is not a step of a recording."),
        };
    }

    static JsonElement Optional(JsonElement json, string property) =>
        json.TryGetProperty(property, out var value) ? value : Values.Null;
}
