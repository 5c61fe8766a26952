using Sentinel.Policies.Model;
using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Normalisation;

/// <summary>
/// Turns raw events into canonical ones by the sources' text alone; never throws on any bytes. Not for
/// several threads at once.
/// </summary>
public sealed class Normaliser
{
    readonly NormaliserOptions options;
    readonly SourceReader[][] ranks;
    readonly RecordForms forms;

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
        ranks =
        [
            .. declared.Select(rank =>
                rank.Where(s => this.options.Source is null || s.Name == this.options.Source)
                    .Select(s => new SourceReader(s, canonical, fields.Count, forms))
                    .ToArray()
            ),
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
        forms.BeginBare(raw);
        var context = ContextOf(raw, at);
        return ranks
                .SelectMany(rank => rank)
                .Where(s => s.Source.Format is RecordFormat.Syslog or RecordFormat.Text)
                .Where(s => sourceName is null || s.Source.Name == sourceName)
                .Select(s => s.Read(raw, context))
                .FirstOrDefault(r => r is Reading.Normalised)
            ?? new Reading.Unreadable(raw, null, "no source's template fits it", sourceName);
    }

    Reading Read(RawEvent raw, DateTimeOffset? at)
    {
        if (raw.DuplicateOf is not null)
            return new Reading.Redelivered(raw, null);
        if (raw.Defect is { } defect)
            return new Reading.Unreadable(raw, null, defect, null);
        var context = ContextOf(raw, at);
        forms.Begin(raw, context);
        foreach (var rank in ranks)
        {
            Reading? refused = null;
            foreach (var source in rank)
            {
                if (!source.Accepts())
                    continue;
                var reading = source.Read(raw, context);
                if (reading is Reading.Normalised)
                    return reading;
                refused ??= reading;
            }
            // Whoever accepts a record answers for it, also where that is "I cannot read this".
            if (refused is not null)
                return refused;
        }
        return new Reading.Unreadable(raw, forms.Time, "no source accepts it", null);
    }

    TimeContext ContextOf(RawEvent raw, DateTimeOffset? at)
    {
        // A clock a little ahead of ours is no reason to put a line a year back.
        var notAfter = raw.Live ? raw.ReceivedAt.AddDays(1) : raw.ReceivedAt;
        return new TimeContext(options.Year, options.Zone, notAfter, at);
    }
}

public sealed record NormaliserOptions
{
    /// <summary>Asked only where none of the other sources accepts a record.</summary>
    public IReadOnlyList<SourceDeclaration> Shipped { get; init; } = [];

    /// <summary>Restricts to the source of this name.</summary>
    public string? Source { get; init; }

    /// <summary>For lines without one; else the latest year that does not put them in the future.</summary>
    public int? Year { get; init; }

    /// <summary>For times without one.</summary>
    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Utc;
}
