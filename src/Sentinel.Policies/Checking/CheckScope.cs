using Sentinel.Policies.Model;

namespace Sentinel.Policies.Checking;

/// <summary>What the declarations of all files may refer to.</summary>
sealed class CheckScope(FieldTable events)
{
    readonly Dictionary<RecordFormat, FieldTable> records = [];

    public FieldTable Events { get; } = events;

    public FieldTable Findings { get; } = EventFields.CreateFindingTable();

    /// <summary>Null for a list whose declaration is wrong: what refers to it is not blamed.</summary>
    public Dictionary<string, ListDeclaration?> Lists { get; } = [];

    /// <summary>Ids that rules give themselves.</summary>
    public HashSet<Guid> RuleIds { get; } = [];

    public HashSet<string> Slas { get; } = [];

    /// <summary>Null for a calendar whose declaration is wrong.</summary>
    public Dictionary<string, CalendarDeclaration?> Calendars { get; } = [];

    public HashSet<string> Sources { get; } = [];

    public HashSet<string> Rules { get; } = [];

    /// <summary>The kinds of things to whose risk some rule adds.</summary>
    public HashSet<string> RiskEntities { get; } = [];

    /// <summary>category.type of all that sources make.</summary>
    public HashSet<string> EventTypes { get; } = [];

    /// <summary>Those of <see cref="EventTypes"/> whose events have every member of an open record.</summary>
    public HashSet<string> OpenEventTypes { get; } = [];

    public MemberUses Members { get; } = new();

    /// <param name="eventType">category.type, category.* or any.</param>
    public bool MayBeOpen(string eventType) =>
        eventType == "any" ? OpenEventTypes.Count > 0
        : eventType.EndsWith(".*", StringComparison.Ordinal)
            ? OpenEventTypes.Any(t => t.StartsWith(eventType[..^1], StringComparison.Ordinal))
        : OpenEventTypes.Contains(eventType);

    public FieldTable Record(RecordFormat format)
    {
        if (!records.TryGetValue(format, out var table))
            records.Add(format, table = RecordFields.CreateTable(format));
        return table;
    }
}
