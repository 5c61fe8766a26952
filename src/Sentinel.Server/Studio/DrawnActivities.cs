using System.Text.Json;
using Sentinel.Workflows.Definitions;

namespace Sentinel.Server.Studio;

/// <param name="Node">Where it stands in the tree, as <c>Workflow1:flow:ask</c>.</param>
sealed record DrawnActivity(string Id, string Type, string? Name, string Node);

/// <summary>The activities of a drawing by their ids; the workflow itself is <c>Workflow1</c>.</summary>
static class DrawnActivities
{
    const string Workflow = "Workflow1";

    public static IReadOnlyDictionary<string, DrawnActivity> Of(string json)
    {
        using var document = JsonDocument.Parse(json);
        Dictionary<string, DrawnActivity> all = new(StringComparer.Ordinal)
        {
            [Workflow] = new(Workflow, "Elsa.Workflow", null, Workflow),
        };
        if (document.RootElement.TryGetProperty("root", out var root))
            Add(all, root, Workflow);
        return all;
    }

    static void Add(Dictionary<string, DrawnActivity> all, JsonElement activity, string above)
    {
        var id = Text(activity, "id") ?? "";
        var node = $"{above}:{id}";
        all[id] = new DrawnActivity(id, Text(activity, "type") ?? "", Text(activity, "name"), node);
        foreach (var child in NestedActivities.Of(activity))
            Add(all, child, node);
    }

    static string? Text(JsonElement activity, string member) =>
        activity.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
