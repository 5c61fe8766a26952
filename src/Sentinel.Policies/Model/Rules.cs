namespace Sentinel.Policies.Model;

/// <summary>A correlation rule, checked and compiled.</summary>
/// <param name="Id">Of this exact version: derived from name and text, the same everywhere.</param>
/// <param name="Severity">0 to 10.</param>
/// <param name="Attack">ATT&amp;CK technique ids.</param>
public sealed record RuleDeclaration(
    string Name,
    Guid Id,
    PolicyText Text,
    string Description,
    int Severity,
    IReadOnlyList<string> Attack,
    Pattern Pattern,
    Confidence Confidence,
    Raise Raise,
    OncePer? Once
)
{
    /// <summary>The compiled form as JSON, so that anybody can read what ran.</summary>
    public required string Logic { get; init; }

    public IReadOnlyList<RuleTest> Tests { get; init; } = [];

    /// <summary>Matches that are known and meant: found, counted and listed, and no finding.</summary>
    public IReadOnlyList<RuleException> Exceptions { get; init; } = [];

    /// <summary>What a hit of it adds to the risk of which things.</summary>
    public IReadOnlyList<RiskLine> Risks { get; init; } = [];

    public RuleMetadata Metadata { get; init; } = new();
}

/// <summary>Which events a rule looks at, under the name that its text gives them.</summary>
/// <param name="Category">The event category, or null for any.</param>
/// <param name="Type">The event type, or null for any.</param>
/// <param name="Conditions">
/// The parts of the <c>where</c> joined by <c>and</c>; all must hold. Kept apart so that an
/// explanation can say which held and on what.
/// </param>
public sealed record EventSelector(
    string Name,
    string? Category,
    string? Type,
    IReadOnlyList<Condition> Conditions
)
{
    /// <summary>
    /// The rules whose hits it takes instead of events; then its category is <see cref="Chaining.Hit"/>.
    /// </summary>
    public IReadOnlyList<string> HitsOf { get; init; } = [];
}

/// <summary>What has to happen. Every window holds when 0 ≤ last − first &lt; its length.</summary>
/// <param name="By">
/// The key: for each selector name its fields, in the order of <paramref name="KeyNames"/>; an event
/// with an absent key field takes no part.
/// </param>
public abstract record Pattern(
    IReadOnlyList<EventSelector> Selectors,
    IReadOnlyList<string> KeyNames,
    IReadOnlyDictionary<string, IReadOnlyList<Field>> By
)
{
    /// <summary>Some selector takes what other rules found.</summary>
    public bool TakesHits => Selectors.Any(s => s.Category is Chaining.Hit or Chaining.Risk);

    /// <summary>Each matching event is a hit of its own.</summary>
    public sealed record Single(
        EventSelector Selector,
        IReadOnlyList<string> KeyNames,
        IReadOnlyDictionary<string, IReadOnlyList<Field>> By
    ) : Pattern([Selector], KeyNames, By);

    /// <summary>A window over one selector's events in which the thresholds hold.</summary>
    public sealed record Aggregate(
        EventSelector Selector,
        IReadOnlyList<string> KeyNames,
        IReadOnlyDictionary<string, IReadOnlyList<Field>> By,
        Window Window,
        Having Having
    ) : Pattern([Selector], KeyNames, By);

    /// <summary>
    /// An event whose values were seen, under its key, at most so often within the window, itself
    /// included.
    /// </summary>
    /// <param name="After">How long the key must have been known.</param>
    public sealed record Novel(
        EventSelector Selector,
        IReadOnlyList<string> KeyNames,
        IReadOnlyDictionary<string, IReadOnlyList<Field>> By,
        IReadOnlyList<Field> Of,
        int AtMost,
        TimeSpan Within,
        TimeSpan After
    ) : Pattern([Selector], KeyNames, By);

    /// <summary>
    /// The first event of a bucket (as long as <c>Per</c>, by the clock) at which thresholds hold, some of
    /// them against the buckets before it.
    /// </summary>
    /// <param name="Over">How far back the baseline reaches: a whole number of buckets.</param>
    /// <param name="After">How much of it a key must have been known for.</param>
    public sealed record Unusual(
        EventSelector Selector,
        IReadOnlyList<string> KeyNames,
        IReadOnlyDictionary<string, IReadOnlyList<Field>> By,
        TimeSpan Per,
        TimeSpan Over,
        TimeSpan After,
        Having Having
    ) : Pattern([Selector], KeyNames, By);

    /// <summary>Enough events of every selector within one sliding window, in any order.</summary>
    public sealed record AnyOrder(
        IReadOnlyList<EventSelector> Selectors,
        IReadOnlyList<string> KeyNames,
        IReadOnlyDictionary<string, IReadOnlyList<Field>> By,
        TimeSpan Within,
        IReadOnlyList<int> AtLeast
    ) : Pattern(Selectors, KeyNames, By);

    /// <summary>Steps in order, all of them within one window.</summary>
    /// <param name="Until">
    /// Such an event after the first of a match and before its completion ends what has begun.
    /// </param>
    public sealed record Sequence(
        IReadOnlyList<EventSelector> Selectors,
        IReadOnlyList<string> KeyNames,
        IReadOnlyDictionary<string, IReadOnlyList<Field>> By,
        TimeSpan Within,
        IReadOnlyList<SequenceStep> Steps,
        IReadOnlyList<EventSelector> Until
    ) : Pattern(Selectors, KeyNames, By);
}

/// <param name="AtLeast">How many events the step needs; <c>message repeated N times</c> counts N.</param>
/// <param name="AtLeastWithin">The window that those events share, where AtLeast is over one.</param>
/// <param name="After">How long after the latest event of the step before it may come, or null.</param>
/// <param name="Absent">
/// The step holds when no such event comes within <paramref name="After"/>; only as the last step, and
/// it fires when the watermark passes.
/// </param>
/// <param name="Without">None of these may come between the step before and this one.</param>
public sealed record SequenceStep(
    EventSelector Selector,
    int AtLeast,
    TimeSpan? AtLeastWithin,
    TimeSpan? After,
    bool Absent,
    IReadOnlyList<EventSelector> Without
);

/// <summary>Confidence as an itemised sum, clamped to 0..100.</summary>
public sealed record Confidence(int Base, IReadOnlyList<ConfidenceLine> Lines);

public abstract record ConfidenceLine(string Text)
{
    /// <summary><c>+ 2 per failed beyond 10, at most 20</c>; Points may be negative.</summary>
    public sealed record Per(
        string Text,
        int Points,
        EventSelector Selector,
        int Beyond,
        int? AtMost
    ) : ConfidenceLine(Text);

    /// <summary><c>+ 15 when distinct(failed.user) &gt;= 3</c></summary>
    public sealed record WhenThreshold(string Text, int Points, Threshold Threshold)
        : ConfidenceLine(Text);

    /// <summary><c>- 30 when any event has clock_drift</c>: a field that is present (and, if boolean, true).</summary>
    public sealed record WhenAnyEventHas(string Text, int Points, Field Field)
        : ConfidenceLine(Text);
}

/// <param name="FindingType">brute_force, lateral_move, ...</param>
/// <param name="Message">Pieces of text and references, in order.</param>
public sealed record Raise(string FindingType, IReadOnlyList<MessagePart> Message);

public abstract record MessagePart
{
    public sealed record Literal(string Text) : MessagePart;

    /// <summary>A key field: <c>{source_ip}</c>, by its place in the pattern's KeyNames.</summary>
    public sealed record Key(int Index) : MessagePart;

    /// <summary><c>{login.user}</c>: of the selector's latest event in the match.</summary>
    public sealed record OfEvent(EventSelector Selector, Field Field) : MessagePart;

    /// <summary><c>{count(failed)}</c></summary>
    public sealed record OfAggregation(Aggregation Aggregation) : MessagePart;
}

/// <summary><c>once per source_ip, login.asset in 1h</c>: later matches are counted, not lost.</summary>
public sealed record OncePer(IReadOnlyList<MessagePart> Per, TimeSpan In);

/// <summary><c>except where user == backup until 2027-01-31 because "CHG-1042"</c></summary>
/// <param name="Conditions">Asked of what the hit says: its key, and what its events agree on.</param>
/// <param name="Until">Through this day (UTC), compared with the time of the match.</param>
public sealed record RuleException(
    IReadOnlyList<Condition> Conditions,
    DateOnly? Until,
    string Because
);

/// <summary>A test inside the policy, in virtual time.</summary>
public sealed record RuleTest(
    string Name,
    IReadOnlyList<TestInput> Inputs,
    IReadOnlyList<TestExpectation> Expects
)
{
    /// <summary>
    /// A file beside the policy whose records come too, at their own times; its first event is then the
    /// start of the test. Null for none.
    /// </summary>
    public string? Sample { get; init; }
}

/// <param name="At">Since the start of the test.</param>
/// <param name="Every">Between repetitions.</param>
public sealed record TestInput(TimeSpan At, string Line, int Times, TimeSpan Every)
{
    /// <summary>
    /// The source that reads the line, as <c>from linux.sshd</c> names it; null for the first that can.
    /// For a syslog source the line is the message, without its header.
    /// </summary>
    public string? Source { get; init; }
}

/// <summary>
/// So many findings have all of this; and every finding has all that some expectation of its test says.
/// </summary>
/// <param name="Findings">How many; 0 for <c>expect nothing</c>.</param>
public sealed record TestExpectation(int Findings, IReadOnlyList<ExpectedValue> With);

/// <param name="Text">As it was written.</param>
public abstract record ExpectedValue(string Text)
{
    /// <param name="Of">severity, confidence or count.</param>
    public sealed record OfNumber(string Text, string Of, Comparison Comparison, int Value)
        : ExpectedValue(Text);

    /// <param name="Equal">Whether the key's value is this one, or another.</param>
    public sealed record OfKey(string Text, string Name, bool Equal, string Value)
        : ExpectedValue(Text);

    /// <param name="First">Whether it is about the first event, or the last one.</param>
    /// <param name="At">Since the start of the test.</param>
    public sealed record OfTime(string Text, bool First, TimeSpan At) : ExpectedValue(Text);
}
