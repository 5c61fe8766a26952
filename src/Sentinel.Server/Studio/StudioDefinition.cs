using System.Text.Json.Nodes;
using Sentinel.Psa.Automation;
using Sentinel.Workflows.Definitions;

namespace Sentinel.Server.Studio;

/// <summary>A version of a workflow in the form that Studio edits, with what Studio may do with it.</summary>
static class StudioDefinition
{
    /// <summary>Without a link called publish, Studio shows it and lets nobody change it.</summary>
    static readonly (string Rel, string Method, string Path)[] editing =
    [
        ("publish", "POST", "/publish"),
        ("execute", "POST", "/execute"),
        ("dispatch", "POST", "/dispatch"),
        ("export", "GET", "/export"),
    ];

    public static JsonObject Of(LibraryText version, bool mayEdit)
    {
        var definition = JsonNode.Parse(version.Json)!.AsObject();
        var (text, entry) = (definition, version.Entry);
        text["id"] = entry.VersionId.ToString();
        text["definitionId"] = entry.DefinitionId;
        text["version"] = entry.Version;
        text["createdAt"] = entry.CreatedAt;
        text["isLatest"] = entry.IsLatest;
        text["isPublished"] = entry.InForce;
        text["isReadonly"] = false;
        text["isSystem"] = false;
        text["links"] = Links(entry.DefinitionId, mayEdit);
        if (definition["root"] is JsonObject root)
            PlaceNodes(root, "Workflow1");
        return text;
    }

    public static object Summary(LibraryEntry entry, bool mayEdit) =>
        new
        {
            id = entry.VersionId,
            definitionId = entry.DefinitionId,
            name = entry.Name,
            description = entry.Description,
            version = entry.Version,
            isLatest = entry.IsLatest,
            isPublished = entry.InForce,
            isReadonly = false,
            createdAt = entry.CreatedAt,
            materializerName = "Json",
            isMaterializerAvailable = true,
            links = Links(entry.DefinitionId, mayEdit),
        };

    static JsonArray Links(string definitionId, bool mayEdit)
    {
        var path = $"/workflow-definitions/{definitionId}";
        JsonArray links = [Link("self", "GET", path)];
        if (mayEdit)
            foreach (var (rel, method, rest) in editing)
                links.Add(Link(rel, method, path + rest));
        return links;
    }

    static JsonObject Link(string rel, string method, string href) =>
        new()
        {
            ["href"] = href,
            ["rel"] = rel,
            ["method"] = method,
        };

    /// <summary>Where each activity stands in the tree, as <c>Workflow1:flow:ask</c>, and its version.</summary>
    static void PlaceNodes(JsonObject activity, string above)
    {
        var node = $"{above}:{activity["id"]}";
        activity["nodeId"] = node;
        // Without one Studio finds no description, and draws nothing at all.
        activity["version"] ??= 1;
        if (activity["activities"] is JsonArray children)
            foreach (var child in children.OfType<JsonObject>())
                PlaceNodes(child, node);
        foreach (var port in NestedActivities.Ports)
            if (activity[port] is JsonObject inner && inner.ContainsKey("type"))
                PlaceNodes(inner, node);
    }
}
