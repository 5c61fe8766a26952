namespace Sentinel.Policies.Model;

/// <summary>How records of one kind become events, as text and never as C#.</summary>
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
    /// <summary>How long after its time an event of this source may arrive and still be on time.</summary>
    public TimeSpan Lateness { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>After how long without an event the source counts as silent, or null for never.</summary>
    public TimeSpan? SilentAfter { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];
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
    /// <summary>Anything, as little as lets the rest match.</summary>
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

/// <param name="Path">The record's dotted member name.</param>
public sealed record MemberMap(string Path, Field Field);

/// <summary>What the event is.</summary>
/// <param name="Severity">0 to 10.</param>
/// <param name="Outcome">success, failure, or null.</param>
public sealed record EventShape(
    string Category,
    string Type,
    int Severity,
    string? Outcome,
    IReadOnlyList<string> Tags
);

/// <summary>Where the time of a structured or plain record stands, and how it is written.</summary>
/// <param name="Path">Member name, or null for the start of the line.</param>
/// <param name="Formats">
/// <c>iso8601</c>, <c>epoch</c>, <c>epoch_millis</c>, or .NET custom format strings; tried in order.
/// </param>
public sealed record TimestampRule(string? Path, IReadOnlyList<string> Formats, TimeSpan? Offset);
