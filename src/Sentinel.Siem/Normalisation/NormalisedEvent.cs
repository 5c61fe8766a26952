using Sentinel.Policies.Model;
using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Normalisation;

/// <summary>What became of one raw event: an event, or the reason why there is none.</summary>
public abstract record Reading(RawEvent Raw, DateTimeOffset? EventTime)
{
    Guid rawEventId;

    /// <summary>Places the raw row: the event's time where it is credible, else its receipt.</summary>
    public DateTimeOffset KeyTime => Ingestion.KeyTime.Of(EventTime, Raw.ReceivedAt);

    /// <summary>Derived on demand, since not every host needs it.</summary>
    public Guid RawEventId
    {
        get
        {
            if (rawEventId == Guid.Empty)
                rawEventId = DerivedId.OfRawEvent(
                    KeyTime,
                    Raw.OrganisationId,
                    Raw.SourceId,
                    Raw.Position,
                    Raw.Delivery
                );
            return rawEventId;
        }
    }

    public sealed record Normalised(RawEvent Raw, NormalisedEvent Event)
        : Reading(Raw, Event.EventTime);

    /// <param name="Reason">One sentence for the list of failures.</param>
    /// <param name="Source">The declaration that accepted the record but could not read it, or null.</param>
    public sealed record Unreadable(
        RawEvent Raw,
        DateTimeOffset? EventTime,
        string Reason,
        string? Source
    ) : Reading(Raw, EventTime);

    /// <summary>A redelivery: it keeps its raw row and makes no event.</summary>
    public sealed record Redelivered(RawEvent Raw, DateTimeOffset? EventTime)
        : Reading(Raw, EventTime);
}

/// <summary>One event in canonical form: a value for each ordinal of the field table, null where absent.</summary>
public sealed class NormalisedEvent : IFieldValues
{
    readonly object?[] values;
    Guid rawEventId;
    Guid id;

    internal NormalisedEvent(
        RawEvent raw,
        SourceDeclaration source,
        EventShape shape,
        DateTimeOffset eventTime,
        int repeatCount,
        object?[] values
    )
    {
        Raw = raw;
        Source = source;
        Category = shape.Category;
        Type = shape.Type;
        Severity = shape.Severity;
        EventTime = eventTime;
        RepeatCount = repeatCount;
        this.values = values;
    }

    public RawEvent Raw { get; }

    /// <summary>The declaration that read it.</summary>
    public SourceDeclaration Source { get; }

    public string Category { get; }

    public string Type { get; }

    /// <summary>0 to 10.</summary>
    public int Severity { get; }

    public DateTimeOffset EventTime { get; }

    /// <summary><c>message repeated N times</c> counts N; else 1.</summary>
    public int RepeatCount { get; }

    public DateTimeOffset KeyTime => Ingestion.KeyTime.Of(EventTime, Raw.ReceivedAt);

    public Guid RawEventId =>
        rawEventId != Guid.Empty
            ? rawEventId
            : rawEventId = DerivedId.OfRawEvent(
                KeyTime,
                Raw.OrganisationId,
                Raw.SourceId,
                Raw.Position,
                Raw.Delivery
            );

    public Guid Id => id != Guid.Empty ? id : id = DerivedId.OfEvent(KeyTime, RawEventId);

    public object? this[int ordinal] => ordinal < values.Length ? values[ordinal] : null;

    public IEnumerable<object> Everything => RecordTexts.Of(Source.Format, Raw.PayloadBytes.Span);

    /// <summary>All values by ordinal, for storing; shorter than the table where fields came later.</summary>
    public ReadOnlySpan<object?> Values => values;

    /// <summary>Rebuilds an event from its stored row, exactly as it was normalised.</summary>
    public static NormalisedEvent FromStored(
        RawEvent raw,
        SourceDeclaration source,
        EventShape shape,
        DateTimeOffset eventTime,
        int repeatCount,
        object?[] values
    ) => new(raw, source, shape, eventTime, repeatCount, values);
}
