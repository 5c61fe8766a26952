using System.Text.Json;
using Sentinel.Workflows.Definitions;
using Sentinel.Workflows.Execution;

namespace Sentinel.Workflows.Simulation;

/// <summary>One thing that is done to a simulated instance.</summary>
abstract record ScriptStep
{
    static readonly TimeSpan advanceMax = TimeSpan.FromDays(3660);

    static readonly Dictionary<string, string[]> known = new()
    {
        ["event"] = ["name", "correlationId", "payload"],
        ["resume"] = ["activity", "outcome", "outputs"],
        ["completeTask"] = ["activity", "result", "again"],
    };

    public sealed record StartStep(
        IReadOnlyDictionary<string, JsonElement> Inputs,
        string? CorrelationId,
        string? Trigger,
        JsonElement Payload
    ) : ScriptStep;

    public sealed record EventStep(PublishedEvent Event) : ScriptStep;

    /// <param name="Outputs">Null: the first output of the activity is the outcome's name.</param>
    public sealed record ResumeStep(
        string Activity,
        string Outcome,
        IReadOnlyDictionary<string, JsonElement>? Outputs
    ) : ScriptStep;

    public sealed record CompleteTaskStep(string Activity, JsonElement Given, bool Again)
        : ScriptStep;

    public sealed record CancelStep : ScriptStep;

    public sealed record AdvanceStep(TimeSpan By) : ScriptStep;

    public static ScriptStep Read(JsonElement json)
    {
        var step = json.EnumerateObject().First();
        string[] beside =
            step.Name == "start" ? ["correlationId", "triggerActivityId", "payload"] : [];
        OnlyHas(json, [step.Name, .. beside]);
        if (known.TryGetValue(step.Name, out var members))
            OnlyHas(step.Value, members);
        return step.Name switch
        {
            "start" => new StartStep(
                step.Value.EnumerateObject()
                    .ToDictionary(input => input.Name, input => input.Value),
                Text(json, "correlationId"),
                Text(json, "triggerActivityId"),
                Optional(json, "payload")
            ),
            "event" => new EventStep(
                new PublishedEvent(
                    Required(step.Value, "name"),
                    Text(step.Value, "correlationId"),
                    Local: false,
                    Optional(step.Value, "payload")
                )
            ),
            "resume" => new ResumeStep(
                Required(step.Value, "activity"),
                Required(step.Value, "outcome"),
                Members(step.Value, "outputs")
            ),
            "completeTask" => new CompleteTaskStep(
                Required(step.Value, "activity"),
                Optional(step.Value, "result"),
                Optional(step.Value, "again").ValueKind == JsonValueKind.True
            ),
            "cancel" => new CancelStep(),
            "advance" => Values.AsDuration(step.Value) is var time
            && time >= TimeSpan.Zero
            && time <= advanceMax
                ? new AdvanceStep(time)
                : throw new FormatException("A script goes on by up to ten years, and never back."),
            _ => throw new FormatException(
                $"'{step.Name}' is no step: start, event, resume, completeTask, cancel or advance."
            ),
        };
    }

    /// <exception cref="FormatException">It has another member: a misspelt one says nothing otherwise.</exception>
    public static void OnlyHas(JsonElement json, string[] members)
    {
        var names = json.EnumerateObject().Select(member => member.Name);
        if (names.FirstOrDefault(name => !members.Contains(name)) is { } odd)
            throw new FormatException(
                $"There is no '{odd}' here: use {string.Join(", ", members)}."
            );
    }

    static string Required(JsonElement json, string property) =>
        Text(json, property) ?? throw new FormatException($"A step lacks its '{property}'.");

    static JsonElement Optional(JsonElement json, string property) =>
        json.TryGetProperty(property, out var value) ? value : Values.Null;

    public static string? Text(JsonElement json, string property) =>
        json.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    /// <summary>Null where there is no such member.</summary>
    /// <exception cref="FormatException">It is there, and no object.</exception>
    public static IReadOnlyDictionary<string, JsonElement>? Members(
        JsonElement json,
        string property
    ) =>
        !json.TryGetProperty(property, out var value) ? null
        : value.ValueKind == JsonValueKind.Object
            ? value.EnumerateObject().ToDictionary(member => member.Name, member => member.Value)
        : throw new FormatException($"'{property}' is an object, by name.");
}
