using System.Text.Json;

namespace Sentinel.Workflows.Definitions;

/// <summary>
/// From Elsa 3 JSON to a tree. Reports every problem of form; whether the parts fit together is the
/// checker's question.
/// </summary>
sealed class DefinitionReader
{
    const int NestingLevelsMax = 16;
    const int ActivitiesMax = 500;

    readonly List<WorkflowProblem> problems = [];

    public IReadOnlyList<WorkflowProblem> Problems => problems;

    public WorkflowDefinition? Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
            return Report("WFL001", "definition", "A definition is a JSON object.");
        var id = Text(json, "definitionId") ?? Text(json, "name");
        if (string.IsNullOrWhiteSpace(id))
            Report("WFL002", "definition", "Give the definition a definitionId or a name.");
        var variables = ReadVariables(json);
        var inputs = Items(json, "inputs")
            .Select(input => new InputDeclaration(
                Text(input, "name") ?? "",
                Values.TypeNamed(Text(input, "type"), Flag(input, "isArray"))
            ))
            .ToList();
        var incidents = ReadIncidents(json);
        var root = ReadRoot(json);
        return root is null || !IdsAreUnique(root)
            ? null
            : new WorkflowDefinition(
                id ?? "",
                Text(json, "name") ?? id ?? "",
                variables,
                inputs,
                incidents,
                root
            );
    }

    bool IdsAreUnique(ActivityNode root)
    {
        var nodes = root.WithDescendants().ToList();
        if (nodes.Count > ActivitiesMax)
            Report("WFL013", "root", $"There are more than {ActivitiesMax} activities: split it.");
        var twice = nodes.GroupBy(node => node.Id).Where(group => group.Count() > 1).ToList();
        foreach (var group in twice)
            Report(
                "WFL014",
                group.Key,
                $"{group.Count()} activities have the id '{group.Key}': ids are unique."
            );
        return nodes.Count <= ActivitiesMax && twice.Count == 0;
    }

    ActivityNode? ReadRoot(JsonElement json)
    {
        if (!json.TryGetProperty("root", out var root) || root.ValueKind != JsonValueKind.Object)
        {
            Report("WFL003", "definition", "There is no root: draw a flowchart and save it again.");
            return null;
        }
        if (Text(root, "type") != "Elsa.Flowchart")
            Report(
                "WFL004",
                "root",
                $"The root is '{Text(root, "type")}', but only an Elsa.Flowchart can be one."
            );
        var flowchart = ReadActivity(root, "root", 0);
        return flowchart is null
            ? null
            : new ActivityNode(
                WorkflowDefinition.RootId,
                WorkflowDefinition.RootId,
                "Elsa.Workflow",
                Values.Parse("{}"),
                false,
                null,
                [flowchart],
                [],
                new Dictionary<string, string>()
            );
    }

    ActivityNode? ReadActivity(JsonElement json, string where, int level)
    {
        if (level > NestingLevelsMax)
            return ReportNode("WFL005", where, $"Nested deeper than {NestingLevelsMax} levels.");
        if (json.ValueKind != JsonValueKind.Object)
            return ReportNode("WFL006", where, "An activity is a JSON object.");
        var id = Text(json, "id");
        if (string.IsNullOrEmpty(id))
            return ReportNode("WFL006", where, "The activity has no id.");
        var type = Text(json, "type");
        if (string.IsNullOrEmpty(type))
            return ReportNode("WFL006", id, $"The activity '{id}' has no type: choose one.");
        var position = 0;
        var children = Items(json, "activities")
            .Select(child => ReadActivity(child, $"{id}.activities[{position++}]", level + 1))
            .OfType<ActivityNode>()
            .ToList();
        var embedded = NestedActivities
            .AtPorts(json)
            .Select(nested =>
                (nested.Port, Node: ReadActivity(nested.Activity, $"{id}.{nested.Port}", level + 1))
            )
            .Where(nested => nested.Node is not null)
            .ToDictionary(nested => nested.Port, nested => nested.Node!);
        var connections = Items(json, "connections")
            .Select(connection => ReadConnection(connection, id))
            .OfType<FlowConnection>()
            .ToList();
        return new ActivityNode(
            id,
            Text(json, "name") is { Length: > 0 } name ? name : id,
            type,
            json,
            json.TryGetProperty("customProperties", out var custom)
                && custom.ValueKind == JsonValueKind.Object
                && Flag(custom, "canStartWorkflow"),
            Text(json, "start"),
            [.. children, .. embedded.Values],
            connections,
            embedded.ToDictionary(nested => nested.Key, nested => nested.Value.Id)
        );
    }

    /// <summary>Both forms: ends as objects, or flat <c>source, sourcePort, target, targetPort</c>.</summary>
    FlowConnection? ReadConnection(JsonElement json, string flowchart)
    {
        var (source, sourcePort) = End(json, "source", "sourcePort");
        var (target, targetPort) = End(json, "target", "targetPort");
        if (source is not null && target is not null)
            return new FlowConnection(source, sourcePort ?? "Done", target, targetPort ?? "In");
        Report(
            "WFL007",
            flowchart,
            $"A connection lacks its {(source is null ? "source" : "target")}: {json.GetRawText()}"
        );
        return null;
    }

    static (string? Activity, string? Port) End(JsonElement json, string end, string flatPort)
    {
        if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty(end, out var value))
            return (null, null);
        return value.ValueKind == JsonValueKind.Object
            ? (Text(value, "activity"), Text(value, "port"))
            : (Text(json, end), Text(json, flatPort));
    }

    List<VariableDeclaration> ReadVariables(JsonElement json)
    {
        var variables = new List<VariableDeclaration>();
        foreach (var variable in Items(json, "variables"))
        {
            var name = Text(variable, "name") ?? "";
            var id = Text(variable, "id") ?? name;
            if (id.Length == 0)
                Report("WFL008", "variables", "A variable has neither id nor name.");
            else if (variables.Any(other => other.Id == id))
                Report("WFL009", id, $"Two variables have the id '{id}'.");
            else
                variables.Add(ReadVariable(variable, id, name));
        }
        return variables;
    }

    VariableDeclaration ReadVariable(JsonElement json, string id, string name)
    {
        var type = Values.TypeNamed(Text(json, "typeName"), Flag(json, "isArray"));
        var value = json.TryGetProperty("value", out var found) ? found : Values.Null;
        if (value.ValueKind is not (JsonValueKind.String or JsonValueKind.Null))
            Report(
                "WFL010",
                name,
                $"The default of variable '{name}' must be a JSON string: \"{value.GetRawText()}\"."
            );
        else
            try
            {
                return new VariableDeclaration(id, name, type, ReadDefault(value, type));
            }
            catch (FormatException reason)
            {
                Report(
                    "WFL011",
                    name,
                    $"The default of variable '{name}' does not fit its type: {reason.Message}"
                );
            }
        return new VariableDeclaration(id, name, type, Values.Null);
    }

    static JsonElement ReadDefault(JsonElement value, WorkflowType type)
    {
        if (type != WorkflowType.Any || value.ValueKind == JsonValueKind.Null)
            return Values.Convert(value, type);
        var text = value.GetString()!;
        try
        {
            return text.TrimStart() is ['{' or '[', ..] ? Values.Parse(text) : value;
        }
        catch (JsonException)
        {
            return value;
        }
    }

    IncidentStrategy ReadIncidents(JsonElement json)
    {
        var name =
            json.TryGetProperty("options", out var options)
            && options.ValueKind == JsonValueKind.Object
                ? Text(options, "incidentStrategyType")
                : null;
        var shortName = name?.Split(',')[0].Split('.')[^1];
        switch (shortName)
        {
            case null or "" or "FaultStrategy":
                return IncidentStrategy.Fault;
            case "ContinueWithIncidentsStrategy":
                return IncidentStrategy.ContinueWithIncidents;
            default:
                Report(
                    "WFL012",
                    "options",
                    $"'{name}' is no incident strategy: choose FaultStrategy or ContinueWithIncidentsStrategy."
                );
                return IncidentStrategy.Fault;
        }
    }

    static IEnumerable<JsonElement> Items(JsonElement json, string property) =>
        json.TryGetProperty(property, out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray()
            : [];

    static string? Text(JsonElement json, string property) =>
        json.ValueKind == JsonValueKind.Object
        && json.TryGetProperty(property, out var value)
        && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    static bool Flag(JsonElement json, string property) =>
        json.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.True;

    WorkflowDefinition? Report(string code, string where, string message)
    {
        problems.Add(new WorkflowProblem(code, where, message));
        return null;
    }

    ActivityNode? ReportNode(string code, string where, string message)
    {
        Report(code, where, message);
        return null;
    }
}
