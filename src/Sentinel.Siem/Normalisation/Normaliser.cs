using Sentinel.Policies.Model;
using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Normalisation;

/// <summary>
/// Turns raw events into canonical ones by the sources' text alone; never throws on any bytes. Not for
/// several threads at once.
/// </summary>
public sealed class Normaliser
{
    static readonly UnreadableReason Nobodys = new("no source accepts it", null, null);

    readonly NormaliserOptions options;
    readonly SourceRank[] ranks;
    readonly RecordForms forms;
    readonly RecordInHand hand = new();
    readonly LazyValues values;
    readonly NormalisedEvent normalised;

    public Normaliser(
        FieldTable fields,
        IReadOnlyList<SourceDeclaration> sources,
        NormaliserOptions? options = null
    )
    {
        this.options = options ?? new NormaliserOptions();
        IReadOnlyList<SourceDeclaration>[] declared = [sources, this.options.Shipped];
        var canonical = new CanonicalFields(fields);
        forms = new RecordForms([.. declared.SelectMany(s => s)]);
        values = new LazyValues(forms.Bytes, fields.Count, fields.All);
        normalised = new NormalisedEvent(hand, values);
        ranks =
        [
            .. declared.Select(rank => new SourceRank(
                rank.Where(s => this.options.Source is null || s.Name == this.options.Source)
                    .Select(s => new SourceReader(
                        s,
                        canonical,
                        forms,
                        this.options.Source is not null
                    )),
                forms
            )),
        ];
    }

    /// <summary>One reading for each raw event, in order.</summary>
    public IReadOnlyList<Reading> Normalise(IReadOnlyList<RawEvent> batch)
    {
        var readings = new Reading[batch.Count];
        for (var i = 0; i < readings.Length; i++)
            readings[i] = Read(batch[i], null);
        return readings;
    }

    /// <summary>Records of one input follow, which differ in bytes and place alone.</summary>
    internal void Begin(RawEvent alike, RecordPositions positions) => hand.Begin(alike, positions);

    internal void Take(in ReceivedRecord record)
    {
        hand.Take(record, record.Offset);
        if (hand.Defect is null)
            forms.Begin(hand, ContextOf(null));
    }

    /// <summary>Whether the record that was taken is one JSON object.</summary>
    internal bool HoldsJson() => hand.Defect is null && forms.Has(RecordFormat.Json);

    /// <summary>
    /// The record that was taken as an event, good until the next is taken; null, with the reason, for none.
    /// </summary>
    internal NormalisedEvent? Read(out UnreadableReason refusal)
    {
        if (hand.Defect is { } defect)
        {
            refusal = new UnreadableReason(defect, null, null);
            return null;
        }
        var context = forms.Context;
        foreach (var rank in ranks)
        {
            if (rank.Read(hand, context, values, normalised, out refusal))
                return normalised;
            // Whoever accepts a record answers for it, also where that is "I cannot read this".
            if (refusal.Reason is not null)
                return null;
        }
        refusal = Nobodys with { EventTime = forms.Time };
        return null;
    }

    /// <summary>
    /// As a test inside a policy gives it: at a time that is not the record's own, and for a source that
    /// reads messages without the header.
    /// </summary>
    internal Reading ReadTest(RawEvent raw, DateTimeOffset at, string? sourceName)
    {
        var reading = Read(raw, at);
        var asked =
            reading is Reading.Normalised read
            && (sourceName is null || read.Event.Source.Name == sourceName);
        if (asked || raw.Defect is not null)
            return reading;
        forms.BeginBare(hand);
        var context = ContextOf(at);
        var source = ranks
            .SelectMany(rank => rank.Sources)
            .Where(s => s.Source.Format is RecordFormat.Syslog or RecordFormat.Text)
            .Where(s => sourceName is null || s.Source.Name == sourceName)
            .FirstOrDefault(s => s.Read(hand, context, values, normalised, out _));
        return source is not null
            ? new Reading.Normalised(raw, normalised.Kept())
            : new Reading.Unreadable(raw, null, "no source's template fits it", sourceName);
    }

    Reading Read(RawEvent raw, DateTimeOffset? at)
    {
        if (raw.DuplicateOf is not null)
            return new Reading.Redelivered(raw, null);
        hand.Take(raw);
        if (hand.Defect is null)
            forms.Begin(hand, ContextOf(at));
        return Read(out var refusal) is { } read
            ? new Reading.Normalised(raw, read.Kept())
            : new Reading.Unreadable(raw, refusal.EventTime, refusal.Reason, refusal.Source);
    }

    TimeContext ContextOf(DateTimeOffset? at)
    {
        // A clock a little ahead of ours is no reason to put a line a year back.
        var notAfter = hand.Live ? hand.ReceivedAt.AddDays(1) : hand.ReceivedAt;
        return new TimeContext(options.Year, options.Zone, notAfter, at);
    }
}

public sealed record NormaliserOptions
{
    /// <summary>Asked only where none of the other sources accepts a record.</summary>
    public IReadOnlyList<SourceDeclaration> Shipped { get; init; } = [];

    /// <summary>Restricts to the source of this name, which then takes every record of its format.</summary>
    public string? Source { get; init; }

    /// <summary>For lines without one; else the latest year that does not put them in the future.</summary>
    public int? Year { get; init; }

    /// <summary>For times without one.</summary>
    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Utc;
}
