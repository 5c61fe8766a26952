using System.Text;
using Sentinel.Policies.Model;
using Sentinel.Siem.Correlation;
using Sentinel.Siem.Explain;

namespace Sentinel.Siem.Detection;

/// <summary>Why a hit is one: what its rule wanted, and what each of its events had.</summary>
/// <param name="Window">In the rule's words; null where a single event is enough.</param>
/// <param name="Suppressed">Later matches that <c>once per</c> counted on it.</param>
public sealed record HitExplanation(
    DetectedHit Detected,
    string RulePath,
    string? Window,
    IReadOnlyList<ExplainedStep> Steps,
    IReadOnlyList<CorrelationHit> Suppressed
)
{
    public CorrelationHit Hit => Detected.Hit;

    internal static string? WindowOf(Pattern pattern) =>
        pattern switch
        {
            Pattern.Aggregate { Window: Window.Hopping hopping } =>
                $"within {Shortfall.Said(hopping.Within)} every {Shortfall.Said(hopping.Every)}",
            Pattern.Aggregate { Window: Window.Session session } =>
                $"sessions with gaps below {Shortfall.Said(session.Within)}",
            Pattern.Aggregate aggregate => $"within {Shortfall.Said(aggregate.Window.Within)}",
            Pattern.AnyOrder any => $"within {Shortfall.Said(any.Within)}",
            Pattern.Sequence sequence => $"within {Shortfall.Said(sequence.Within)}",
            _ => null,
        };
}

/// <param name="Absent">No such event came: there are none to list.</param>
public sealed record ExplainedStep(
    string Selection,
    bool Absent,
    IReadOnlyList<ExplainedEvent> Events
);

/// <param name="File">Null for a hit that stands for an event.</param>
/// <param name="Predicates">Each that held, with the values that it saw.</param>
public sealed record ExplainedEvent(
    Guid EventId,
    string? File,
    long Line,
    DateTimeOffset? Time,
    string Text,
    IReadOnlyList<AskedPredicate> Predicates
)
{
    internal static string TextOf(ReadOnlyMemory<byte> bytes) =>
        Encoding.UTF8.GetString(bytes.Span);
}

/// <summary>Why a rule did not fire on an event.</summary>
/// <param name="Unread">Why the record is no event; null where it is one.</param>
/// <param name="Selections">What each selection of the rule says of the event.</param>
/// <param name="Key">Of the selections that take it.</param>
/// <param name="Shortfall">How far the events of this key came.</param>
/// <param name="Hits">Of the rule with this event: then it did fire.</param>
public sealed record NotExplanation(
    string Rule,
    string RulePath,
    string PolicySha256,
    string File,
    long Line,
    string Text,
    string? Unread,
    string? EventType,
    DateTimeOffset? EventTime,
    bool Late,
    IReadOnlyList<SelectionReasons> Selections,
    IReadOnlyList<KeyValuePair<string, string>> Key,
    IReadOnlyList<string> Shortfall,
    IReadOnlyList<CorrelationHit> Hits
);
