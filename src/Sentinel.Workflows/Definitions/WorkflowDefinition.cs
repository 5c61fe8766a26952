using System.Collections.Concurrent;
using System.Text.Json;

namespace Sentinel.Workflows.Definitions;

/// <summary>One version of a workflow, as it was drawn: read, checked, and never changed again.</summary>
public sealed class WorkflowDefinition
{
    internal const string RootId = "Workflow1";

    readonly ConcurrentDictionary<(string Flowchart, string Start), FlowGraph> graphs = new();

    internal WorkflowDefinition(
        string id,
        string name,
        IReadOnlyList<VariableDeclaration> variables,
        IReadOnlyList<InputDeclaration> inputs,
        IncidentStrategy incidents,
        ActivityNode root
    )
    {
        Id = id;
        Name = name;
        Variables = variables;
        Inputs = inputs;
        Incidents = incidents;
        Root = root;
        Nodes = root.WithDescendants().ToDictionary(node => node.Id, StringComparer.Ordinal);
        VariablesById = variables.ToDictionary(variable => variable.Id, StringComparer.Ordinal);
    }

    public string Id { get; }

    public string Name { get; }

    internal IReadOnlyList<VariableDeclaration> Variables { get; }

    internal IReadOnlyList<InputDeclaration> Inputs { get; }

    internal IncidentStrategy Incidents { get; }

    /// <summary>The workflow itself, a container with the drawn flowchart as its only child.</summary>
    internal ActivityNode Root { get; }

    internal IReadOnlyDictionary<string, ActivityNode> Nodes { get; }

    internal IReadOnlyDictionary<string, VariableDeclaration> VariablesById { get; }

    /// <summary>Events at the top of the drawing that are marked to start it.</summary>
    internal IEnumerable<ActivityNode> Triggers =>
        Root
            .Activities.SelectMany(flowchart => flowchart.Activities)
            .Where(node => node is { Type: BuiltInActivities.Event, CanStart: true });

    /// <summary>Those of them that an event of that name starts it at.</summary>
    internal IEnumerable<string> StartedBy(string eventName) =>
        Triggers
            .Where(node =>
                node.Input("eventName") is WorkflowExpression.Literal name
                && Values.AsText(name.Value) == eventName
            )
            .Select(node => node.Id);

    internal FlowGraph GraphOf(ActivityNode flowchart, string start) =>
        graphs.GetOrAdd((flowchart.Id, start), _ => new FlowGraph(flowchart, start));
}

enum IncidentStrategy
{
    Fault,
    ContinueWithIncidents,
}

sealed record VariableDeclaration(string Id, string Name, WorkflowType Type, JsonElement Default);

sealed record InputDeclaration(string Name, WorkflowType Type);

sealed record FlowConnection(string Source, string SourcePort, string Target, string TargetPort)
{
    public string Key => $"{Source}:{SourcePort}>{Target}:{TargetPort}";
}

/// <param name="Properties">The activity's object as it stands, unknown parts and all.</param>
/// <param name="Activities">Everything right inside it, also what stands at a port.</param>
/// <param name="Embedded">Which activity stands at which port: <c>body</c>, <c>then</c>, <c>else</c>.</param>
sealed record ActivityNode(
    string Id,
    string Name,
    string Type,
    JsonElement Properties,
    bool CanStart,
    string? Start,
    IReadOnlyList<ActivityNode> Activities,
    IReadOnlyList<FlowConnection> Connections,
    IReadOnlyDictionary<string, string> Embedded
)
{
    public IEnumerable<ActivityNode> WithDescendants() =>
        Activities.SelectMany(child => child.WithDescendants()).Prepend(this);

    /// <summary>The input of that name, or null where the definition is silent.</summary>
    public WorkflowExpression? Input(string name) =>
        Properties.TryGetProperty(name, out var property)
            ? WorkflowExpression.OfInput(property)
            : null;

    /// <summary>The variable that an output of the activity is bound to, or null.</summary>
    public string? OutputVariable(string outputName) =>
        Properties.TryGetProperty(
            JsonNamingPolicy.CamelCase.ConvertName(outputName),
            out var property
        )
        && property.ValueKind == JsonValueKind.Object
        && property.TryGetProperty("memoryReference", out var reference)
        && reference.ValueKind == JsonValueKind.Object
        && reference.TryGetProperty("id", out var id)
            ? id.GetString()
            : null;
}
