using System.Text.Json;
using Sentinel.Workflows.Execution;

namespace Sentinel.Workflows.Simulation;

/// <summary>A simulated run as it is written down: what happens, who answers what, and what must come of it.</summary>
/// <param name="Answers">What activities with an effect answer at once, by activity id.</param>
/// <param name="Steps">The first one starts the instance, and only the first.</param>
/// <param name="Expect">Null where nothing is expected.</param>
sealed record WorkflowScript(
    string Name,
    IReadOnlyDictionary<string, ActivityAnswer> Answers,
    IReadOnlyList<ScriptStep> Steps,
    JsonElement? Expect
)
{
    const int StepsMax = 1_000;

    static readonly string[] members = ["name", "answers", "steps", "expect"];

    /// <exception cref="FormatException">It is no script; the message says what to do.</exception>
    public static WorkflowScript Read(JsonElement json)
    {
        try
        {
            ScriptStep.OnlyHas(json, members);
            var script = new WorkflowScript(
                ScriptStep.Text(json, "name") ?? "script",
                (
                    ScriptStep.Members(json, "answers") ?? new Dictionary<string, JsonElement>()
                ).ToDictionary(answer => answer.Key, answer => ReadAnswer(answer.Value)),
                [.. json.GetProperty("steps").EnumerateArray().Select(ScriptStep.Read)],
                json.TryGetProperty("expect", out var expect) ? expect : null
            );
            return
                script.Steps is [ScriptStep.StartStep, ..]
                && script.Steps.Count <= StepsMax
                && script.Steps.OfType<ScriptStep.StartStep>().Count() == 1
                ? script
                : throw new FormatException(
                    $"The first step of a script is start, no other is, and there are at most {StepsMax}."
                );
        }
        catch (Exception bad)
            when (bad
                    is JsonException
                        or KeyNotFoundException
                        or InvalidOperationException
                        or ArgumentException
                        or OverflowException
            )
        {
            throw new FormatException($"This is not a script: {bad.Message}", bad);
        }
    }

    static ActivityAnswer ReadAnswer(JsonElement json)
    {
        ScriptStep.OnlyHas(json, ["outcome", "outputs", "failed"]);
        return ScriptStep.Text(json, "failed") is { } reason
            ? new ActivityAnswer.Failed(reason)
            : new ActivityAnswer.Completed(
                ScriptStep.Text(json, "outcome") ?? "Done",
                ScriptStep.Members(json, "outputs")
            );
    }
}
