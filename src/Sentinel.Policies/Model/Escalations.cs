namespace Sentinel.Policies.Model;

/// <summary>
/// Which findings become cases, and what kind. Detection evaluates <see cref="When"/> alone; casework
/// reads the rest.
/// </summary>
/// <param name="Order">Lowest first; the first that holds decides.</param>
public sealed record EscalationDeclaration(
    string Name,
    PolicyText Text,
    IReadOnlyList<Condition> When,
    string CaseType,
    SeverityExpression Severity,
    string? Sla,
    string? Queue,
    string? Owner,
    IReadOnlyList<TaskTemplate> Tasks,
    string? Workflow,
    ClosingRequirements ToClose,
    int Order
)
{
    /// <summary>Who is to be told, beside the queue or the owner.</summary>
    public IReadOnlyList<Notification> Notify { get; init; } = [];
}

/// <param name="Who">A role, a queue or an address, as the text has it.</param>
/// <param name="When">opened, warned, breached, resolved or closed.</param>
public sealed record Notification(string Who, string When);

/// <summary>The highest of its terms; each is a number 0..10, the finding's severity, or the asset's criticality.</summary>
public sealed record SeverityExpression(IReadOnlyList<SeverityTerm> Highest)
{
    /// <summary>What the highest becomes in a case; what no step names stays as it is.</summary>
    public IReadOnlyList<SeverityStep> Map { get; init; } = [];

    public int Mapped(int severity) =>
        Map.FirstOrDefault(s => s.Lowest <= severity && severity <= s.Highest)?.Value ?? severity;
}

public sealed record SeverityStep(int Lowest, int Highest, int Value);

public abstract record SeverityTerm
{
    public sealed record Constant(int Value) : SeverityTerm;

    public sealed record OfFinding : SeverityTerm;

    public sealed record OfAsset : SeverityTerm;
}

/// <param name="Description">May name the finding's fields in braces: <c>{user}</c>.</param>
public sealed record TaskTemplate(string TaskType, string Description);

public sealed record ClosingRequirements(
    IReadOnlyList<EvidenceRequirement> Evidence,
    IReadOnlyList<string> AttestationByRole
);

public sealed record EvidenceRequirement(string EvidenceType, int AtLeast);

/// <param name="WarnAtPercent">Of the resolution time, or null.</param>
/// <param name="Calendar">By its name.</param>
/// <param name="Working">The time that its clocks count; null for all of it.</param>
public sealed record SlaDeclaration(
    string Name,
    PolicyText Text,
    TimeSpan Respond,
    TimeSpan Resolve,
    int? WarnAtPercent,
    string Calendar,
    CalendarDeclaration? Working = null
)
{
    /// <summary>While one of these holds, both clocks stand still.</summary>
    public IReadOnlyList<SlaPause> Pauses { get; init; } = [];

    public IReadOnlyList<SlaStep> Steps { get; init; } = [];
}

/// <param name="TaskType">While a task of this type is open; null while an approval is.</param>
public sealed record SlaPause(string? TaskType)
{
    /// <summary>As the text has it, and as the case keeps it.</summary>
    public string Cause => TaskType is null ? "approval" : "task " + TaskType;
}

/// <summary>What happens when so much of the time is used and the clock still runs.</summary>
/// <param name="Percent">Of the time to respond or to resolve; more than 100 is after the breach.</param>
/// <param name="Notify">Roles, queues or addresses.</param>
/// <param name="Queue">Where the case goes, or null for where it is.</param>
public sealed record SlaStep(
    int Percent,
    SlaClockOf Of,
    IReadOnlyList<string> Notify,
    string? Queue
);

public enum SlaClockOf
{
    Respond,
    Resolve,
}

/// <summary>A typed list; an entry's expiry is compared with event time.</summary>
public sealed record ListDeclaration(
    string Name,
    PolicyText Text,
    ListType Type,
    IReadOnlyList<ListEntry> Entries
);

public enum ListType
{
    Cidr,
    Word,
    Hash,
    Number,
}

public sealed record ListEntry(string Value, DateOnly? Until, string? Because);
