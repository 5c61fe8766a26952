using System.Text.Json;

namespace Sentinel.Workflows.Definitions;

/// <summary>The activities that stand inside another one: in its list, or alone at one of its ports.</summary>
public static class NestedActivities
{
    /// <summary>The members of an activity that hold a whole activity: what is repeated, what a condition chooses.</summary>
    public static IReadOnlyList<string> Ports { get; } = ["body", "then", "else"];

    /// <summary>By port; a member of that name that is no activity is not among them.</summary>
    public static IEnumerable<(string Port, JsonElement Activity)> AtPorts(JsonElement activity)
    {
        foreach (var port in Ports)
            if (
                activity.ValueKind == JsonValueKind.Object
                && activity.TryGetProperty(port, out var inner)
                && IsActivity(inner)
            )
                yield return (port, inner);
    }

    /// <summary>All of them, the list first.</summary>
    public static IEnumerable<JsonElement> Of(JsonElement activity) =>
        Listed(activity).Concat(AtPorts(activity).Select(nested => nested.Activity));

    static IEnumerable<JsonElement> Listed(JsonElement activity) =>
        activity.ValueKind == JsonValueKind.Object
        && activity.TryGetProperty("activities", out var list)
        && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray()
            : [];

    static bool IsActivity(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object
        && value.TryGetProperty("id", out _)
        && value.TryGetProperty("type", out var type)
        && type.ValueKind == JsonValueKind.String;
}
