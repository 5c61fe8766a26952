using System.Text.Encodings.Web;
using System.Text.Json;
using Sentinel.Workflows.Definitions;

namespace Sentinel.Workflows.Text;

/// <param name="Kind">added, removed, changed, or moved: moved is only how it is drawn.</param>
/// <param name="What">As in <c>activity contain, description</c> or <c>connection begin Done → contain</c>.</param>
public sealed record DefinitionChange(string Kind, string What, string? Before, string? After)
{
    public bool IsLayout => Kind == "moved";

    public override string ToString() =>
        (Before, After) switch
        {
            (null, null) => $"{Kind}: {What}",
            ({ } before, null) => $"{Kind}: {What}: {before}",
            (null, { } after) => $"{Kind}: {What}: {after}",
            ({ } before, { } after) => $"{Kind}: {What}: {before} → {after}",
        };
}

/// <summary>What a person has to know of the way from one text of a definition to another.</summary>
public static class DefinitionDifference
{
    static readonly JsonSerializerOptions compact = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Activities, connections and everything else that was added, removed or changed; how it is drawn last.</summary>
    /// <param name="before">Null for the first version.</param>
    /// <exception cref="JsonException">One of them is no JSON.</exception>
    public static IReadOnlyList<DefinitionChange> Between(string? before, string after)
    {
        var names = Names(before, after);
        var (old, now) = (Parts(before, names), Parts(after, names));
        var removed = old.Where(part => !now.ContainsKey(part.Key))
            .Where(part => !IsPartOf(part.Key, now))
            .Select(part => new DefinitionChange("removed", part.Key, part.Value, null));
        var added = now.Where(part => !old.ContainsKey(part.Key))
            .Where(part => !part.Key.EndsWith(Layout, StringComparison.Ordinal))
            .Select(part => new DefinitionChange("added", part.Key, null, part.Value));
        var changed = now.Where(part => old.TryGetValue(part.Key, out var was) && was != part.Value)
            .Select(part =>
                part.Key.EndsWith(Layout, StringComparison.Ordinal)
                    ? new DefinitionChange("moved", part.Key[..^Layout.Length], null, null)
                    : new DefinitionChange("changed", part.Key, old[part.Key], part.Value)
            )
            .ToList();
        return
        [
            .. removed,
            .. added,
            .. changed.Where(change => !change.IsLayout),
            .. changed.Where(change => change.IsLayout),
        ];
    }

    const string Layout = " (drawing)";

    // What belongs to something that is gone as a whole needs no line of its own.
    static bool IsPartOf(string key, Dictionary<string, string?> now) =>
        key.EndsWith(Layout, StringComparison.Ordinal)
        || (
            key.IndexOf(", ", StringComparison.Ordinal) is var end and > 0
            && !now.ContainsKey(key[..end])
        );

    static Dictionary<string, string?> Parts(string? text, Dictionary<string, string> names)
    {
        Dictionary<string, string?> parts = new(StringComparer.Ordinal);
        if (text is null)
            return parts;
        var json = Values.Parse(text);
        foreach (var member in Members(json))
            switch (member.Name)
            {
                case "root":
                    Activity(parts, member.Value, names);
                    break;
                case "variables"
                or "inputs"
                or "outputs" when member.Value.ValueKind == JsonValueKind.Array:
                    foreach (var item in member.Value.EnumerateArray())
                        parts[$"{member.Name[..^1]} {Text(item, "name")}"] = Said(item);
                    break;
                case "customProperties" or "options":
                    foreach (var custom in Members(member.Value))
                        if (custom is { Name: "tests", Value.ValueKind: JsonValueKind.Array })
                            foreach (var test in custom.Value.EnumerateArray())
                                parts[$"test '{Text(test, "name")}'"] = Said(test);
                        else
                            parts[custom.Name] = Said(custom.Value);
                    break;
                case "version"
                or "isLatest"
                or "isPublished"
                or "id"
                or "createdAt"
                or "toolVersion"
                or "links":
                    break;
                default:
                    parts[member.Name] = Said(member.Value);
                    break;
            }
        return parts;
    }

    static void Activity(
        Dictionary<string, string?> parts,
        JsonElement activity,
        Dictionary<string, string> names
    )
    {
        var id = $"activity {Named(Text(activity, "id"), names)}";
        parts[id] = Text(activity, "type");
        var atPorts = NestedActivities.AtPorts(activity).ToDictionary();
        foreach (var member in Members(activity))
            switch (member.Name)
            {
                case "id" or "nodeId" or "type" or "version":
                    break;
                case var port when atPorts.TryGetValue(port, out var nested):
                    parts[$"{id}, {port}"] = Named(Text(nested, "id"), names);
                    break;
                case "activities"
                or "connections" when member.Value.ValueKind == JsonValueKind.Array:
                    break;
                case "metadata" or "customProperties":
                    // Absent and false are the same to an editor and to us.
                    foreach (
                        var inner in Members(member.Value)
                            .Where(inner => inner.Value.ValueKind != JsonValueKind.False)
                    )
                        parts[inner.Name == "designer" ? id + Layout : $"{id}, {inner.Name}"] =
                            Said(inner.Value);
                    break;
                default:
                    parts[$"{id}, {member.Name}"] = Said(member.Value);
                    break;
            }
        foreach (var child in NestedActivities.Of(activity))
            Activity(parts, child, names);
        foreach (var item in Items(activity, "connections"))
            if (item.ValueKind == JsonValueKind.Object)
                Connection(parts, item, names);
    }

    static void Connection(
        Dictionary<string, string?> parts,
        JsonElement connection,
        Dictionary<string, string> names
    )
    {
        var (source, port) = End(connection, "source", "sourcePort", "Done");
        var (target, entry) = End(connection, "target", "targetPort", "In");
        var name =
            $"connection {Named(source, names)} {port} → {Named(target, names)}{(entry == "In" ? "" : $" {entry}")}";
        parts[name] = null;
        foreach (var member in Members(connection))
            switch (member.Name)
            {
                case "source" or "target" or "sourcePort" or "targetPort":
                    break;
                case "vertices":
                    parts[name + Layout] = Said(member.Value);
                    break;
                default:
                    parts[$"{name}, {member.Name}"] = Said(member.Value);
                    break;
            }
    }

    /// <summary>By id what the drawing calls it, the newer text first; the id too where two have one name.</summary>
    static Dictionary<string, string> Names(string? before, string after)
    {
        Dictionary<string, string> names = new(StringComparer.Ordinal);
        foreach (var text in new[] { after, before }.OfType<string>())
            if (Values.Parse(text) is { ValueKind: JsonValueKind.Object } json)
                foreach (var root in Members(json).Where(member => member.Name == "root"))
                    Add(root.Value);
        return names
            .GroupBy(name => name.Value, StringComparer.Ordinal)
            .SelectMany(same =>
                same.Count() == 1
                    ? same
                    : same.Select(name =>
                        KeyValuePair.Create(name.Key, $"{name.Value} ({name.Key})")
                    )
            )
            .ToDictionary(StringComparer.Ordinal);

        void Add(JsonElement activity)
        {
            if (Text(activity, "id") is { } id)
                names.TryAdd(id, Text(activity, "name") is { Length: > 0 } name ? name : id);
            foreach (var child in NestedActivities.Of(activity))
                Add(child);
        }
    }

    static string? Named(string? id, Dictionary<string, string> names) =>
        id is null ? null : names.GetValueOrDefault(id, id);

    static (string? Activity, string Port) End(
        JsonElement connection,
        string end,
        string flatPort,
        string usual
    ) =>
        connection.TryGetProperty(end, out var value) && value.ValueKind == JsonValueKind.Object
            ? (Text(value, "activity"), Text(value, "port") ?? usual)
            : (Text(connection, end), Text(connection, flatPort) ?? usual);

    /// <summary>As a person would write it: an expression by its kind and text, a text without quotes.</summary>
    static string? Said(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null)
            return null;
        if (value.ValueKind == JsonValueKind.String)
            return value.GetString();
        if (value.ValueKind != JsonValueKind.Object)
            return JsonSerializer.Serialize(value, compact);
        if (
            value.TryGetProperty("expression", out var expression)
            && expression.ValueKind == JsonValueKind.Object
        )
        {
            var held = expression.TryGetProperty("value", out var found) ? found : Values.Null;
            return Text(expression, "type") switch
            {
                "Literal" or null => Said(held),
                "Variable" or "Input" when Text(held, "name") is { } name =>
                    $"{Text(expression, "type")!.ToLowerInvariant()} {name}",
                var kind => $"{kind} {Said(held)}",
            };
        }
        return value.TryGetProperty("memoryReference", out var reference)
            ? $"variable {Text(reference, "id")}"
            : JsonSerializer.Serialize(value, compact);
    }

    static IEnumerable<JsonProperty> Members(JsonElement json) =>
        json.ValueKind == JsonValueKind.Object
            ? json.EnumerateObject().Where(member => member.Value.ValueKind != JsonValueKind.Null)
            : [];

    static IEnumerable<JsonElement> Items(JsonElement json, string member) =>
        json.ValueKind == JsonValueKind.Object
        && json.TryGetProperty(member, out var list)
        && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray()
            : [];

    static string? Text(JsonElement json, string member) =>
        json.ValueKind == JsonValueKind.Object
        && json.TryGetProperty(member, out var value)
        && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
