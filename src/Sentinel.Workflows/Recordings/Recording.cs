using System.Text.Json;
using Sentinel.Workflows.Definitions;
using Sentinel.Workflows.Simulation;

namespace Sentinel.Workflows.Recordings;

/// <summary>A definition, what is done to an instance of it, and what is expected to come out.</summary>
sealed record Recording(
    string Name,
    string? Divergence,
    JsonElement Definition,
    IReadOnlyList<ScriptStep> Steps,
    JsonElement Expect
)
{
    public static Recording Read(string json)
    {
        var root = Values.Parse(json);
        return new Recording(
            root.GetProperty("name").GetString()!,
            ScriptStep.Text(root, "divergence"),
            root.GetProperty("definition"),
            [.. root.GetProperty("steps").EnumerateArray().Select(ScriptStep.Read)],
            root.GetProperty("expect")
        );
    }
}
