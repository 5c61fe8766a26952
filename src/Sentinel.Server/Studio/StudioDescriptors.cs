using System.Text.RegularExpressions;
using Sentinel.Server.Api;
using Sentinel.Workflows.Definitions;
using Sentinel.Workflows.Execution;

namespace Sentinel.Server.Studio;

/// <summary>What Studio can draw: our activities with their ports, fields and help, and the kinds of values.</summary>
static partial class StudioDescriptors
{
    static readonly string[] nothing =
    [
        "/descriptors/workflow-activation-strategies",
        "/descriptors/log-persistence-strategies",
        "/descriptors/commit-strategies/workflows",
        "/descriptors/commit-strategies/activities",
        "/descriptors/output-converters",
        "/features/installed",
    ];

    static readonly object[] expressions =
    [
        Expression("Literal", isBrowsable: false, language: null),
        Expression("Object", isBrowsable: false, "json"),
        Expression("Json", isBrowsable: false, "json"),
        Expression("Variable", isBrowsable: true, language: null),
        Expression("Input", isBrowsable: true, language: null),
        Expression("JavaScript", isBrowsable: true, "javascript"),
    ];

    static readonly object[] variables =
    [
        Variable("String", "Text"),
        Variable("Boolean", "True or false"),
        Variable("Int64", "A whole number"),
        Variable("Double", "A number"),
        Variable("TimeSpan", "A duration, as in 00:30:00"),
        Variable("Object", "Anything"),
    ];

    static readonly object[] storage =
    [
        new
        {
            typeName = "WorkflowInstanceStorageDriver",
            displayName = "Workflow instance",
            priority = 5,
            deprecated = false,
        },
    ];

    static readonly object[] incidents =
    [
        Strategy("FaultStrategy", "Fault", "What fails ends the workflow."),
        Strategy(
            "ContinueWithIncidentsStrategy",
            "Continue with incidents",
            "Other branches go on; the workflow does not complete."
        ),
    ];

    public static void MapStudioDescriptors(this RouteGroupBuilder api)
    {
        api.MapGet(
            "/descriptors/activities",
            (PresentedCredential _, ActivityCatalogue activities) =>
                StudioJson.Items([.. activities.All.Select(Describe)])
        );
        api.MapGet(
            "/descriptors/expression-descriptors",
            (PresentedCredential _) => StudioJson.Items(expressions)
        );
        api.MapGet(
            "/descriptors/variables",
            (PresentedCredential _) => StudioJson.Items(variables)
        );
        api.MapGet(
            "/descriptors/storage-drivers",
            (PresentedCredential _) => StudioJson.Items(storage)
        );
        api.MapGet(
            "/descriptors/incident-strategies",
            (PresentedCredential _) => StudioJson.Items(incidents)
        );
        // Without these Studio's page breaks; empty, it leaves the field out.
        foreach (var route in nothing)
            api.MapGet(route, (PresentedCredential _) => StudioJson.Items([]));
        api.MapPost(
            "/descriptors/activities/{type}/options/{property}",
            (string type, string property, PresentedCredential _, ActivityCatalogue activities) =>
                activities.All.Any(activity => activity.TypeName == type)
                    ? StudioJson.Answer(new { items = new Dictionary<string, object>() })
                    : StudioJson.No(404, $"There is no activity {type}.")
        );
        api.MapPost(
            "/scripting/javascript/type-definitions/{id}",
            async (string id, PresentedCredential by, StudioDesk desk, CancellationToken c) =>
                await desk.ChooseAsync(by.Secret, id, "Latest", c) is null
                    ? StudioJson.No(404, $"There is no workflow {id}.")
                    : Results.Text("", "application/x-typescript")
        );
    }

    static object Describe(ActivityDescription activity)
    {
        var (space, name) = activity.TypeName.Split('.', 2) is [var first, var second]
            ? (first, second)
            : ("", activity.TypeName);
        return new
        {
            typeName = activity.TypeName,
            @namespace = space,
            name,
            version = 1,
            category = activity.Category,
            displayName = Words(name),
            description = activity.Help,
            inputs = activity.Inputs.Select(Input).Concat((activity.Members ?? []).Select(Member)),
            outputs = activity.Outputs.Select(output => new
            {
                name = output,
                typeName = "Object",
                displayName = Words(output),
                order = 0,
                isBrowsable = true,
                isSerializable = true,
            }),
            ports = Ports(activity),
            // Studio lets what is a trigger be marked as what the workflow starts with.
            kind = activity.TypeName == "Elsa.Event" ? "Trigger"
            : activity.Waits ? "Task"
            : "Action",
            isContainer = activity.TypeName is "Elsa.Flowchart" or "Elsa.Sequence",
            isStart = activity.TypeName == "Elsa.Start",
            isTerminal = activity.TypeName is "Elsa.End" or "Elsa.Finish",
            isBrowsable = activity.TypeName != "Elsa.Flowchart",
            runAsynchronously = false,
            customProperties = new { },
            constructionProperties = new { },
        };
    }

    // One port called Done is what Studio draws by itself.
    static IEnumerable<object> Ports(ActivityDescription activity) =>
        activity.TypeName switch
        {
            "Elsa.Flowchart" => [Port("Start", "Embedded", isBrowsable: false)],
            "Elsa.FlowSwitch" => [Port("Default", "Flow")],
            _ when activity.Embedded is { } embedded =>
            [
                .. embedded.Select(port =>
                    Port(char.ToUpperInvariant(port[0]) + port[1..], "Embedded")
                ),
                Port("Done", "Flow"),
            ],
            _ when activity.Outcomes is ["Done"] => [],
            _ => activity.Outcomes.Select(outcome => Port(outcome, "Flow")),
        };

    static object Port(string name, string type, bool isBrowsable = true) =>
        new
        {
            name,
            displayName = Words(name),
            type,
            isBrowsable,
        };

    static object Input(ActivityInput input) =>
        Field(
            input.Name,
            TypeName(input.Type),
            Hint(input),
            isWrapped: true,
            (input.Help ?? "") + (input.Required ? " Needed." : ""),
            input.Choices is null
                ? new { }
                : new
                {
                    dropdown = new
                    {
                        selectList = new
                        {
                            items = input.Choices.Select(one => new { text = one, value = one }),
                        },
                    },
                }
        );

    static object Member(string member) =>
        Field(
            member,
            member == "variable" ? "Variable" : "Object",
            member == "variable" ? "variable-picker" : "flow-switch-editor",
            isWrapped: false,
            "",
            new { }
        );

    static object Field(
        string name,
        string typeName,
        string uiHint,
        bool isWrapped,
        string description,
        object uiSpecifications
    ) =>
        new
        {
            name = char.ToUpperInvariant(name[0]) + name[1..],
            typeName,
            displayName = Words(char.ToUpperInvariant(name[0]) + name[1..]),
            description = description.Trim(),
            uiHint,
            isWrapped,
            isBrowsable = true,
            isSerializable = true,
            autoEvaluate = true,
            order = 0,
            uiSpecifications,
        };

    static string Hint(ActivityInput input) =>
        input switch
        {
            { Choices: not null } => "dropdown",
            { Name: "branches" } => "dynamic-outcomes",
            { Name: "outputName" } => "output-picker",
            { Name: "description" or "request" or "message" } => "multiline",
            { Type: WorkflowType.Boolean } => "checkbox",
            _ => "singleline",
        };

    static string TypeName(WorkflowType type) =>
        type switch
        {
            WorkflowType.Any => "Object",
            WorkflowType.Text => "String",
            WorkflowType.Boolean => "Boolean",
            WorkflowType.Integer => "Int64",
            WorkflowType.Number => "Double",
            WorkflowType.Duration => "TimeSpan",
            WorkflowType.Moment => "DateTimeOffset",
            WorkflowType.Texts => "List<String>",
        };

    static object Expression(string type, bool isBrowsable, string? language) =>
        new
        {
            type,
            displayName = type,
            isSerializable = true,
            isBrowsable,
            properties = language is null
                ? new Dictionary<string, string>()
                : new Dictionary<string, string> { ["MonacoLanguage"] = language },
        };

    static object Variable(string typeName, string description) =>
        new
        {
            typeName,
            displayName = typeName,
            category = "Primitives",
            description,
        };

    static object Strategy(string typeName, string displayName, string description) =>
        new
        {
            typeName,
            displayName,
            description,
        };

    /// <summary><c>CreateTask</c> is "Create task".</summary>
    static string Words(string name) =>
        name.Length == 0
            ? name
            : name[0] + Humps().Replace(name[1..], match => " " + match.Value.ToLowerInvariant());

    [GeneratedRegex("(?<=[a-z])[A-Z]")]
    private static partial Regex Humps();
}
