namespace Sentinel.Workflows.Definitions;

/// <summary>What the editor and the checker know of an activity type.</summary>
/// <param name="TypeName">As it stands in the definition: <c>Sentinel.CreateTask</c>.</param>
/// <param name="Outcomes">The ports that it can leave by; empty where its inputs decide.</param>
/// <param name="Waits">It goes on when something outside says so.</param>
/// <param name="Deadline">Until when it waits at most; null where nothing limits it.</param>
/// <param name="Switch">The input that opens one port and closes another; null where none does.</param>
/// <param name="Worker">The input that says who does the work, or null.</param>
/// <param name="Decider">The input that says who decides about work, or null.</param>
/// <param name="Members">What it has besides, and what is no expression: a variable, a list of cases.</param>
/// <param name="Embedded">The ports that hold an activity of their own, as <c>body</c>.</param>
public sealed record ActivityDescription(
    string TypeName,
    string Category,
    string Help,
    IReadOnlyList<ActivityInput> Inputs,
    IReadOnlyList<string> Outputs,
    IReadOnlyList<string> Outcomes,
    bool Waits = false,
    ActivityDeadline? Deadline = null,
    ActivitySwitch? Switch = null,
    string? Worker = null,
    string? Decider = null,
    IReadOnlyList<string>? Members = null,
    IReadOnlyList<string>? Embedded = null
);

/// <param name="Input">The duration after which it waits no longer; empty: it waits for ever.</param>
/// <param name="Outcome">The port that it then leaves by.</param>
public sealed record ActivityDeadline(string Input, string Outcome);

/// <param name="Input">Where it holds, the activity leaves by <paramref name="On"/> and never by <paramref name="Off"/>; else the other way round.</param>
public sealed record ActivitySwitch(string Input, string On, string Off);

/// <param name="Name">Camel case, as the property of the definition is called.</param>
/// <param name="Help">One sentence for the editor, or null where the name says it.</param>
/// <param name="Choices">The texts that it can have; null where any is possible.</param>
/// <param name="Problem">What is wrong with a text that stands there, as a sentence, or null; itself null: nothing can be.</param>
public sealed record ActivityInput(
    string Name,
    WorkflowType Type,
    bool Required = false,
    string? Help = null,
    IReadOnlyList<string>? Choices = null,
    Func<string, string?>? Problem = null
);

/// <summary>The types of variables and inputs; a name we do not know is kept as it stands and holds anything.</summary>
public enum WorkflowType
{
    Any,
    Text,
    Boolean,
    Integer,
    Number,
    Duration,
    Moment,
    Texts,
}
