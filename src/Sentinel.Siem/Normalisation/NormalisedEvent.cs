using System.Text;
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
    readonly RecordInHand? hand;
    readonly LazyValues? lazy;
    RawEvent? raw;
    object?[]? values;
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
        this.raw = raw;
        this.values = values;
        (Source, Shape, EventTime, RepeatCount) = (source, shape, eventTime, repeatCount);
    }

    /// <summary>One object for all the events of a reader, one after the other.</summary>
    internal NormalisedEvent(RecordInHand hand, LazyValues lazy)
    {
        (this.hand, this.lazy) = (hand, lazy);
        (Source, Shape) = (null!, null!);
    }

    public RawEvent Raw => raw ??= hand!.ToRaw();

    /// <summary>The declaration that read it.</summary>
    public SourceDeclaration Source { get; private set; }

    /// <summary>What it is: the same object for all that one template or map of a source makes.</summary>
    public EventShape Shape { get; private set; }

    public string Category => Shape.Category;

    public string Type => Shape.Type;

    /// <summary>0 to 10.</summary>
    public int Severity => Shape.Severity;

    public DateTimeOffset EventTime { get; private set; }

    /// <summary><c>message repeated N times</c> counts N; else 1.</summary>
    public int RepeatCount { get; private set; }

    public DateTimeOffset KeyTime =>
        Ingestion.KeyTime.Of(EventTime, hand is null ? Raw.ReceivedAt : hand.ReceivedAt);

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

    /// <summary>Where it came from, without making a whole raw event of it.</summary>
    internal RecordInHand Origin
    {
        get
        {
            if (hand is not null)
                return hand;
            var origin = new RecordInHand();
            origin.Take(Raw);
            return origin;
        }
    }

    public object? this[int ordinal] =>
        lazy is not null ? (ordinal < lazy.Count ? lazy[ordinal] : null)
        : ordinal < values!.Length ? values[ordinal]
        : null;

    public IEnumerable<object> Everything => RecordTexts.Of(Source.Format, Bytes);

    public bool TryGetUtf8(int ordinal, out ReadOnlySpan<byte> utf8)
    {
        if (lazy is not null && ordinal < lazy.Count)
            return lazy.TryGetUtf8(ordinal, out utf8);
        var value = this[ordinal];
        utf8 = value is null or IReadOnlyList<string>
            ? default
            : Encoding.UTF8.GetBytes(FieldValue.ToConditionText(value));
        return value is not (null or IReadOnlyList<string>);
    }

    ReadOnlySpan<byte> Bytes => (hand?.Bytes ?? Raw.PayloadBytes).Span;

    /// <summary>All values by ordinal, for storing; shorter than the table where fields came later.</summary>
    public ReadOnlySpan<object?> Values => values ??= lazy!.ToArray();

    /// <summary>The next event of the reader.</summary>
    internal void Become(
        SourceDeclaration source,
        EventShape shape,
        DateTimeOffset eventTime,
        int repeatCount
    )
    {
        (raw, values, rawEventId, id) = (null, null, Guid.Empty, Guid.Empty);
        (Source, Shape, EventTime, RepeatCount) = (source, shape, eventTime, repeatCount);
    }

    /// <summary>To keep beyond the next record.</summary>
    internal NormalisedEvent Kept() =>
        new(Raw, Source, Shape, EventTime, RepeatCount, lazy!.ToArray());

    /// <summary>Rebuilds an event from its stored row, exactly as it was normalised.</summary>
    public static NormalisedEvent FromStored(
        RawEvent raw,
        SourceDeclaration source,
        EventShape shape,
        DateTimeOffset eventTime,
        int repeatCount,
        object?[] values
    ) => new(raw, source, shape, eventTime, repeatCount, values);

    public bool TryGetRecord(out ReadOnlySpan<byte> utf8)
    {
        utf8 = Bytes;
        return true;
    }
}
