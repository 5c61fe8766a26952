using System.Collections;
using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Correlation;

/// <summary>One match of one rule, with everything that explains it.</summary>
public sealed record CorrelationHit
{
    /// <summary>Derived from rule version, key and window.</summary>
    public required Guid Id { get; init; }

    /// <summary>The finding that it raises, or the earlier one that it belongs to.</summary>
    public required Guid FindingId { get; init; }

    /// <summary>A later match under <c>once per</c>: counted on its finding, raises none.</summary>
    public required bool Suppressed { get; init; }

    public required string RuleName { get; init; }

    /// <summary>Of this exact version of the rule.</summary>
    public required Guid RuleId { get; init; }

    /// <summary>The id that the rule's text gives it, the same in every version.</summary>
    public Guid? GivenRuleId { get; init; }

    public required string PolicySha256 { get; init; }

    public required string FindingType { get; init; }

    /// <summary>0 to 10.</summary>
    public required int Severity { get; init; }

    /// <summary>0 to 100.</summary>
    public required int Confidence { get; init; }

    /// <summary>Each line of the confidence sum: <c>60 base</c>, <c>20 failed beyond 10</c>.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }

    public required string Message { get; init; }

    /// <summary>Canonical names and values, in the rule's order.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Key { get; init; }

    /// <summary>The key, and every field that the message or <c>once per</c> names.</summary>
    public required IReadOnlyDictionary<string, string> Fields { get; init; }

    public required IReadOnlyList<Guid> AssetIds { get; init; }

    /// <summary>Of the earliest event of the match.</summary>
    public required DateTimeOffset First { get; init; }

    /// <summary>Of the completing event; for an absence, the moment at which it was certain.</summary>
    public required DateTimeOffset Last { get; init; }

    /// <summary>Events of the match; <c>message repeated N times</c> counts N.</summary>
    public required long Count { get; init; }

    /// <summary>The events of each step, in order.</summary>
    public required IReadOnlyList<HitStep> Steps { get; init; }

    /// <summary>Some event came behind the watermark: the hit stands as it was found.</summary>
    public bool IncludesLate { get; init; }

    /// <summary>All events of the match in their order, each once.</summary>
    public required IReadOnlyList<HitEvent> Events { get; init; }

    /// <summary>Why it is meant to be so: the reason of the exception that it falls under, or null.</summary>
    public string? Excepted { get; init; }

    /// <summary>The hits of other rules that it is made of; their events are among its own.</summary>
    public IReadOnlyList<HitCause> From { get; init; } = [];

    internal HitSource? Source { get; init; }
}

/// <summary>A hit that another rule's hit is made of.</summary>
/// <param name="Risk">How much it added, where the rule takes risk.</param>
public sealed record HitCause(Guid HitId, string Rule, int? Risk);

/// <param name="Selector">The name that the rule's text gives these events.</param>
/// <param name="Absent">No such event came: there are none to list.</param>
public sealed record HitStep(
    string Selector,
    bool Absent,
    DateTimeOffset? First,
    DateTimeOffset? Last,
    IReadOnlyList<Guid> EventIds
);

/// <summary>One event of a hit; its ids are derived where somebody asks, which hosts without a database do not.</summary>
public class HitEvent : IEquatable<HitEvent>
{
    readonly HeldHead head;
    EventIds? ids;

    // Of an event that was given with its ids.
    static readonly HeldOrigin Unasked = new(Guid.Empty, Guid.Empty, 0);

    sealed record EventIds(Guid Event, Guid Raw)
    {
        public static EventIds Of(DateTimeOffset keyTime, Guid raw) =>
            new(DerivedId.OfEvent(keyTime, raw), raw);
    }

    public HitEvent(
        Guid eventId,
        Guid rawEventId,
        DateTimeOffset keyTime,
        DateTimeOffset eventTime,
        string inputKey,
        long line
    )
    {
        ids = new EventIds(eventId, rawEventId);
        head = new HeldHead(
            new EventOrder(eventTime, inputKey, 0, KnownPosition.Unasked),
            Unasked,
            keyTime,
            line,
            1,
            null,
            false
        );
    }

    internal HitEvent(in HeldHead head) => this.head = head;

    internal ref readonly HeldHead Head => ref head;

    internal EventOrder Order => head.Order;

    public Guid EventId => Ids.Event;

    public Guid RawEventId => Ids.Raw;

    EventIds Ids => ids ??= EventIds.Of(KeyTime, head.RawEventId);

    public DateTimeOffset KeyTime => head.KeyTime;

    public DateTimeOffset EventTime => head.Order.Time;

    /// <summary>The file as given, or the source registration.</summary>
    public string InputKey => head.Order.InputKey;

    /// <summary>Where the record begins.</summary>
    public long Line => head.Line;

    public bool Equals(HitEvent? other) =>
        other is not null
        && EventTime == other.EventTime
        && InputKey == other.InputKey
        && Line == other.Line
        && EventId == other.EventId;

    public override bool Equals(object? obj) => Equals(obj as HitEvent);

    public override int GetHashCode() => HashCode.Combine(EventTime, InputKey, Line);
}

/// <summary>The ids of events, derived where somebody asks.</summary>
sealed class HitEventIds(IReadOnlyList<HitEvent> events) : IReadOnlyList<Guid>
{
    public int Count => events.Count;

    public Guid this[int index] => events[index].EventId;

    public IEnumerator<Guid> GetEnumerator() => events.Select(e => e.EventId).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
