using System.Text.Json;
using Sentinel.Workflows.Definitions;

namespace Sentinel.Workflows.Text;

/// <summary>
/// One kind of object in a definition: which members it is known to have, in which order they are written,
/// and of what shape they are in turn. What is not known is opaque: kept byte for byte.
/// </summary>
sealed class DefinitionShape
{
    static readonly DefinitionShape ends = new(["activity", "port"]);

    static readonly DefinitionShape expression = new(["type", "value"]);

    static readonly DefinitionShape wrapper = new(["typeName", "expression", "memoryReference"])
    {
        Objects = { ["expression"] = expression },
    };

    static readonly DefinitionShape variable = new([
        "id",
        "name",
        "typeName",
        "isArray",
        "value",
        "storageDriverTypeName",
    ])
    {
        Key = item => Text(item, "id") ?? Text(item, "name"),
    };

    static readonly DefinitionShape parameter = new([
        "name",
        "displayName",
        "description",
        "type",
        "isArray",
        "category",
        "uiHint",
        "storageDriverType",
    ])
    {
        Key = item => Text(item, "name"),
    };

    static readonly DefinitionShape connection = new([
        "source",
        "sourcePort",
        "target",
        "targetPort",
        "vertices",
    ])
    {
        Objects = { ["source"] = ends, ["target"] = ends },
        Key = item => $"{End(item, "source", "sourcePort")}>{End(item, "target", "targetPort")}",
    };

    static readonly DefinitionShape activityMetadata = new([
        "displayText",
        "description",
        "showDescription",
        "designer",
    ])
    {
        Objects = { ["designer"] = new(["position", "size"]) },
    };

    static readonly DefinitionShape activityProperties = new([
        "canStartWorkflow",
        "runAsynchronously",
        "commitStrategy",
        "logPersistenceMode",
        "logPersistenceConfig",
        "notFoundConnections",
    ]);

    static readonly string[] activityBefore = ["id", "nodeId", "name", "type", "version", "start"];

    static readonly string[] activityAfter =
    [
        "customProperties",
        "metadata",
        "variables",
        "activities",
        "connections",
    ];

    static readonly string[] definitionMembers =
    [
        "definitionId",
        "name",
        "description",
        "variables",
        "inputs",
        "outputs",
        "outcomes",
        "options",
        "customProperties",
    ];

    readonly Dictionary<string, int> known;

    DefinitionShape(IEnumerable<string> before, IEnumerable<string>? after = null)
    {
        known = before
            .Select((name, position) => (name, position))
            .Concat((after ?? []).Select((name, position) => (name, position + 1_000_000)))
            .ToDictionary(member => member.name, member => member.Item2, StringComparer.Ordinal);
    }

    /// <summary>Members that are objects of a known shape.</summary>
    public Dictionary<string, DefinitionShape> Objects { get; } = [];

    /// <summary>Members that are lists of objects, or one object, of the shape that the object tells.</summary>
    public Dictionary<string, Func<JsonElement, DefinitionShape>> Lists { get; } = [];

    /// <summary>By what an item of a list is found again in another version.</summary>
    public Func<JsonElement, string?> Key { get; private init; } = _ => null;

    /// <summary>Members that say which version this is: the row of the version says it, not its text.</summary>
    public IReadOnlySet<string> OfTheVersion { get; private init; } = new HashSet<string>();

    public bool Knows(string member) => known.ContainsKey(member);

    /// <summary>Known ones in their order, unknown ones between them by name.</summary>
    public int Rank(string member) => known.GetValueOrDefault(member, 500_000);

    /// <summary>The shape of a value that is an object, or null where it is opaque.</summary>
    public DefinitionShape? OfObject(string member, JsonElement value) =>
        Objects.TryGetValue(member, out var shape) ? shape
        : Lists.TryGetValue(member, out var told) ? told(value)
        : Knows(member) && IsWrapper(value) ? wrapper
        : null;

    public static DefinitionShape Definition(
        IReadOnlyDictionary<string, ActivityDescription> activities
    ) =>
        new(definitionMembers, ["root"])
        {
            Objects =
            {
                ["options"] = new([]),
                ["customProperties"] = new([]),
                ["root"] = Activity(null, activities),
            },
            Lists =
            {
                ["variables"] = _ => variable,
                ["inputs"] = _ => parameter,
                ["outputs"] = _ => parameter,
            },
            OfTheVersion = new HashSet<string>(StringComparer.Ordinal)
            {
                "id",
                "version",
                "isLatest",
                "isPublished",
                "isReadonly",
                "isSystem",
                "createdAt",
                "toolVersion",
                "links",
            },
        };

    /// <summary>With the inputs and outputs of its type; of a type that nobody describes all are opaque.</summary>
    static DefinitionShape Activity(
        string? type,
        IReadOnlyDictionary<string, ActivityDescription> activities
    )
    {
        var described = type is null ? null : activities.GetValueOrDefault(type);
        var members = described is null
            ? []
            : described
                .Inputs.Select(input => input.Name)
                .Concat(described.Outputs.Select(JsonNamingPolicy.CamelCase.ConvertName))
                .Concat(described.Members ?? []);
        var shape = new DefinitionShape(
            activityBefore.Concat(members.Distinct()),
            activityAfter.Concat(described?.Embedded ?? [])
        )
        {
            Objects =
            {
                ["customProperties"] = activityProperties,
                ["metadata"] = activityMetadata,
            },
            Lists =
            {
                ["variables"] = _ => variable,
                ["activities"] = item => Activity(Text(item, "type"), activities),
                ["connections"] = _ => connection,
            },
            Key = item => Text(item, "id") is { } id ? $"{id} {Text(item, "type")}" : null,
        };
        foreach (var port in described?.Embedded ?? [])
            shape.Lists[port] = item => Activity(Text(item, "type"), activities);
        return shape;
    }

    static bool IsWrapper(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object
        && (
            value.TryGetProperty("expression", out _)
            || value.TryGetProperty("memoryReference", out _)
        );

    static string End(JsonElement connection, string end, string flatPort) =>
        connection.TryGetProperty(end, out var value) && value.ValueKind == JsonValueKind.Object
            ? $"{Text(value, "activity")}:{Text(value, "port")}"
            : $"{Text(connection, end)}:{Text(connection, flatPort)}";

    static string? Text(JsonElement item, string member) =>
        item.ValueKind == JsonValueKind.Object
        && item.TryGetProperty(member, out var value)
        && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
