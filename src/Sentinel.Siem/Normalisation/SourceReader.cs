using Sentinel.Policies.Model;
using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Normalisation;

/// <summary>One source's text, made ready: which records it accepts and what it makes of them.</summary>
sealed class SourceReader
{
    const string CapturedTime = "event_time";

    readonly CanonicalFields canonical;
    readonly int fieldCount;
    readonly RecordForms forms;
    readonly RecordMembers members;
    readonly RecordView view;
    readonly TimeReader times;
    readonly (LineMatcher Matcher, ReadyShape Shape)[] lines;
    readonly (MapReader Map, ReadyShape Shape)[] maps;
    readonly int? timeSlot;

    public SourceReader(
        SourceDeclaration source,
        CanonicalFields canonical,
        int fieldCount,
        RecordForms forms
    )
    {
        Source = source;
        this.canonical = canonical;
        this.fieldCount = fieldCount;
        this.forms = forms;
        members = forms.Of(source.Format);
        view = new RecordView(members, source.Record);
        times = new TimeReader(source.Timestamp);
        lines =
        [
            .. source.Lines.Select(l => (new LineMatcher(l), new ReadyShape(l.Is, source.Tags))),
        ];
        maps =
        [
            .. source.Maps.Select(m =>
                (new MapReader(m, members), new ReadyShape(m.Is, source.Tags))
            ),
        ];
        timeSlot =
            source.Timestamp?.Path is { } path && source.Record.Find(path) is not null
                ? members.SlotOf(path)
                : null;
    }

    public SourceDeclaration Source { get; }

    public bool Accepts()
    {
        if (!forms.Has(Source.Format))
            return false;
        foreach (var condition in Source.Accepts)
            if (!condition.Holds(view))
                return false;
        return true;
    }

    /// <summary>The record at hand as an event, or why not.</summary>
    public Reading Read(RawEvent raw, in TimeContext context)
    {
        times.Context = context;
        var values = new object?[fieldCount];
        var body = RepeatedMessage.Read(members.Message.AsSpan(), out var count);
        // A plain line may begin with its time, which need not be a part of what the templates say.
        object? prefix = null;
        var rest = ReadOnlySpan<char>.Empty;
        if (Source is { Format: RecordFormat.Text, Timestamp.Path: null })
        {
            prefix = times.ReadPrefix(body, out var length);
            rest = body[length..].Trim(" \t:|-");
        }
        var shape = MatchLine(body, rest, values) ?? MatchMap(values);
        var time = TimeOf(raw, values, prefix);
        if (shape is null)
            return Unreadable(raw, time, $"source {Source.Name} has no template that fits it");
        if (time is not { } eventTime)
            return Unreadable(raw, null, $"source {Source.Name} cannot read its time");
        if (!Timestamps.IsCredible(eventTime))
            return Unreadable(raw, null, "its time lies outside the years 1970 to 2199");
        SetHeader(values);
        shape.Fill(values, canonical);
        SetRest(raw, values, eventTime, count);
        return new Reading.Normalised(
            raw,
            new NormalisedEvent(raw, Source, shape.Shape, eventTime, count, values)
        );
    }

    Reading.Unreadable Unreadable(RawEvent raw, DateTimeOffset? time, string reason) =>
        new(raw, time is { } t && Timestamps.IsCredible(t) ? t : null, reason, Source.Name);

    ReadyShape? MatchLine(ReadOnlySpan<char> body, ReadOnlySpan<char> rest, object?[] values)
    {
        foreach (var (matcher, shape) in lines)
            if (
                matcher.Match(body, values, times)
                || !rest.IsEmpty && matcher.Match(rest, values, times)
            )
                return shape;
        return null;
    }

    ReadyShape? MatchMap(object?[] values)
    {
        foreach (var (map, shape) in maps)
            if (map.Read(view, values, times))
                return shape;
        return null;
    }

    DateTimeOffset? TimeOf(RawEvent raw, object?[] values, object? prefix)
    {
        var context = times.Context;
        if (context.Fixed is { } given)
            return given;
        object? time;
        if (Source.Timestamp is not { } rule)
            time = values[canonical.EventTime] ?? members.Time ?? raw.ReceivedAt;
        else if (rule.Path == CapturedTime && timeSlot is null)
            time = values[canonical.EventTime];
        else if (timeSlot is { } slot)
            time = times.ReadMember(members[slot]);
        else if (Source.Format == RecordFormat.Syslog && rule.Offset is not null)
            time = SyslogEnvelope.ReadTime(forms.Text, context with { Zone = times.Zone! });
        else
            time = prefix ?? members.Time;
        return time is DateTimeOffset read ? Timestamps.ToMicroseconds(read) : null;
    }

    void SetHeader(object?[] values)
    {
        values[canonical.Message] ??= members.Message;
        if (!members.HasHeader)
            return;
        values[canonical.Host] ??= members.Host;
        values[canonical.Program] ??= members.Program;
        values[canonical.Pid] ??= FieldValue.Convert(members.Pid, FieldType.Integer);
    }

    void SetRest(RawEvent raw, object?[] values, DateTimeOffset eventTime, int count)
    {
        // Until reference data says more, the host is the thing that the event concerns.
        values[canonical.Asset] ??= values[canonical.Host];
        values[canonical.EventTime] = eventTime;
        // A file without a database is received whenever somebody looks: that is no fact about the event.
        if (raw.OrganisationId != Guid.Empty)
            values[canonical.ReceivedAt] = raw.ReceivedAt;
        values[canonical.SourceSystem] = Source.Name;
        values[canonical.RepeatCount] = SharedTexts.Boxed(count);
    }
}
