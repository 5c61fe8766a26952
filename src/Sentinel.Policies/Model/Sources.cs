namespace Sentinel.Policies.Model;

/// <summary>How records of one kind become events, as text and never as C#.</summary>
/// <param name="Accepts">
/// All must hold for the source to take a record; they read ordinals of <c>Record</c>, not of the events' table.
/// </param>
/// <param name="Lines">For Syslog and Text: the first that matches the member <c>message</c> decides.</param>
/// <param name="Maps">For Json, KeyValue and Cef: the first whose conditions hold decides.</param>
public sealed record SourceDeclaration(
    string Name,
    PolicyText Text,
    RecordFormat Format,
    IReadOnlyList<Condition> Accepts,
    IReadOnlyList<LineTemplate> Lines,
    IReadOnlyList<RecordMap> Maps,
    TimestampRule? Timestamp
)
{
    /// <summary>
    /// The members of the record that conditions and maps of this format read, by dotted name. All
    /// sources of one format share one table, so that one <see cref="IFieldValues"/> over a record serves
    /// them all: walk the record once and keep the members that the table knows. Values are string,
    /// long, double, bool, or IReadOnlyList of string for an array; predicates convert as they need.
    /// </summary>
    public required FieldTable Record { get; init; }

    /// <summary>How long after its time an event of this source may arrive and still be on time.</summary>
    public TimeSpan Lateness { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>After how long without an event the source counts as silent, or null for never.</summary>
    public TimeSpan? SilentAfter { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Whose values say how severe an event is, before what its <c>is</c> says; null for none.</summary>
    public SeverityMap? SeverityMap { get; init; }

    /// <summary><c>record open</c>: every member of a record is a field under its own name.</summary>
    public bool RecordIsOpen { get; init; }

    /// <summary>
    /// Of an open record, the members whose own members are fields by their names from there on; a star
    /// stands for any one name.
    /// </summary>
    public IReadOnlyList<string> Below { get; init; } = [];

    /// <summary>
    /// Of an open record, the members that rules name, as fields of the same name; a map of the source
    /// goes before them.
    /// </summary>
    public IReadOnlyList<MemberMap> OpenMembers { get; init; } = [];
}

/// <summary>
/// How the record's envelope is read before its source is asked. Syslog gives host, program, pid,
/// message (RFC 3164 and RFC 5424); Json gives its members as dotted names; KeyValue its pairs; Cef its header and
/// extension; Text only <c>message</c>, the whole line.
/// </summary>
public enum RecordFormat
{
    Syslog,
    Json,
    KeyValue,
    Cef,
    Text,
}

/// <summary>
/// A line such as <c>Failed password for [invalid user ]{user} from {source_ip:ip}</c>:
/// alternatives in order; a bracketed part may be missing.
/// </summary>
public sealed record LineTemplate(string Text, IReadOnlyList<TemplatePart> Parts, EventShape Is);

public abstract record TemplatePart
{
    public sealed record Literal(string Text) : TemplatePart;

    public sealed record Capture(Field Field, CaptureKind Kind) : TemplatePart;

    public sealed record Optional(IReadOnlyList<TemplatePart> Parts) : TemplatePart;
}

public enum CaptureKind
{
    /// <summary>
    /// Anything, as little as lets the rest match; at least one character. Also of the field event_time,
    /// whose text is read by the source's timestamp rule.
    /// </summary>
    Text,

    /// <summary>No white space.</summary>
    Word,
    Integer,
    Number,
    Address,

    /// <summary>All that is left.</summary>
    Rest,
}

/// <summary>For structured records: when the conditions hold, these members become these fields.</summary>
public sealed record RecordMap(
    IReadOnlyList<Condition> When,
    IReadOnlyList<MemberMap> Members,
    EventShape Is
);

/// <param name="Path">
/// The record's dotted member name, which <see cref="SourceDeclaration.Record"/> knows. The value is
/// converted to the field's type; one that cannot be is left out.
/// </param>
public sealed record MemberMap(string Path, Field Field);

/// <summary>What the event is.</summary>
/// <param name="Severity">0 to 10.</param>
/// <param name="Outcome">success, failure, unknown, or null.</param>
public sealed record EventShape(
    string Category,
    string Type,
    int Severity,
    string? Outcome,
    IReadOnlyList<string> Tags
)
{
    /// <summary>The number of a class of the Open Cybersecurity Schema Framework, or null.</summary>
    public int? OcsfClass { get; init; }
}

/// <summary>How severe events are by a member of their record; a value that it does not know says nothing.</summary>
/// <param name="Path">The record's dotted member name.</param>
public sealed record SeverityMap(string Path, IReadOnlyList<MappedSeverity> Steps);

/// <param name="First">A text, compared without case; or with a last one the lowest of whole numbers.</param>
public sealed record MappedSeverity(string First, string? Last, int Severity);

/// <summary>Where the time of a structured or plain record stands, and how it is written.</summary>
/// <param name="Path">
/// Member name; or <c>event_time</c> for what a template captured under that name; or null for the
/// start of the line.
/// </param>
/// <param name="Formats">
/// <c>iso8601</c>, <c>epoch</c>, <c>epoch_millis</c>, or .NET custom format strings; tried in order.
/// </param>
public sealed record TimestampRule(string? Path, IReadOnlyList<string> Formats, TimeSpan? Offset);
