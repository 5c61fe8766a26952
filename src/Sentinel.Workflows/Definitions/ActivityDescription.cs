namespace Sentinel.Workflows.Definitions;

/// <summary>What the editor and the checker know of an activity type.</summary>
/// <param name="TypeName">As it stands in the definition: <c>Sentinel.CreateTask</c>.</param>
/// <param name="Outcomes">The ports that it can leave by; empty where its inputs decide.</param>
/// <param name="Waits">It goes on when something outside says so.</param>
public sealed record ActivityDescription(
    string TypeName,
    string Category,
    string Help,
    IReadOnlyList<ActivityInput> Inputs,
    IReadOnlyList<string> Outputs,
    IReadOnlyList<string> Outcomes,
    bool Waits = false
);

/// <param name="Name">Camel case, as the property of the definition is called.</param>
public sealed record ActivityInput(string Name, WorkflowType Type, bool Required = false);

/// <summary>The types of variables and inputs; a name we do not know is kept as it stands and holds anything.</summary>
public enum WorkflowType
{
    Any,
    Text,
    Boolean,
    Integer,
    Number,
    Duration,
    Texts,
}
