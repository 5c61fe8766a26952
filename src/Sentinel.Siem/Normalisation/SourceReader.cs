using Sentinel.Policies.Model;

namespace Sentinel.Siem.Normalisation;

/// <summary>Why a record is no event.</summary>
/// <param name="Reason">The end of a sentence.</param>
/// <param name="Source">The declaration that accepted it but could not read it, or null.</param>
readonly record struct UnreadableReason(string Reason, DateTimeOffset? EventTime, string? Source);

/// <summary>One source's text, made ready: which records it accepts and what it makes of them.</summary>
sealed class SourceReader
{
    const string CapturedTime = "event_time";

    readonly CanonicalFields canonical;
    readonly RecordForms forms;
    readonly bool isChosen;
    readonly RecordMembers members;
    readonly TimeReader times;
    readonly int? timeSlot;
    readonly object name;
    readonly UnreadableReason noTemplate;
    SourceShapes? shapes;

    /// <param name="isChosen">Somebody says that the records are this source's, whatever it accepts.</param>
    public SourceReader(
        SourceDeclaration source,
        CanonicalFields canonical,
        RecordForms forms,
        bool isChosen
    )
    {
        Source = source;
        this.isChosen = isChosen;
        this.canonical = canonical;
        this.forms = forms;
        members = forms.Of(source.Format);
        View = new RecordView(members, source.Record);
        times = new TimeReader(source.Timestamp);
        timeSlot =
            source.Timestamp?.Path is { } path && source.Record.Find(path) is not null
                ? members.SlotOf(path)
                : null;
        name = source.Name;
        noTemplate = new UnreadableReason(
            $"source {source.Name} has no template that fits it",
            null,
            source.Name
        );
    }

    public SourceDeclaration Source { get; }

    public RecordView View { get; }

    /// <summary>Of a record that has the source's form.</summary>
    public bool Accepts()
    {
        if (isChosen)
            return true;
        foreach (var condition in Source.Accepts)
            if (!condition.Holds(View))
                return false;
        return true;
    }

    /// <summary>Makes the record at hand the event; false, with the reason, where it is none.</summary>
    public bool Read(
        RecordInHand record,
        in TimeContext context,
        LazyValues values,
        NormalisedEvent normalised,
        out UnreadableReason refusal
    )
    {
        times.Context = context;
        values.Clear();
        var message = forms.Bytes.Of(members.Message);
        var said = RepeatedMessage.Read(message, out var count);
        var (from, length) = said.GetOffsetAndLength(message.Length);
        var body = message.Slice(from, length);
        from += members.Message.Start;
        // A plain line may begin with its time, which need not be a part of what the templates say.
        DateTimeOffset? prefix = null;
        var behind = body.Length;
        if (Source is { Format: RecordFormat.Text, Timestamp.Path: null })
        {
            prefix = times.ReadPrefix(body, out behind);
            while (behind < body.Length && " \t:|-"u8.Contains(body[behind]))
                behind++;
        }
        var rest = body[behind..].TrimEnd(" \t:|-"u8);
        // Most sources of a long list never accept anything.
        shapes ??= new SourceShapes(Source, members, View);
        var shape = shapes.Match(body, from, rest, from + behind, values, times);
        var time = TimeOf(record, values, prefix);
        refusal =
            shape is null ? noTemplate with { EventTime = Credible(time) }
            : time is null
                ? new UnreadableReason(
                    $"source {Source.Name} cannot read its time",
                    null,
                    Source.Name
                )
            : Credible(time) is null
                ? new UnreadableReason(
                    "its time lies outside the years 1970 to 2199",
                    null,
                    Source.Name
                )
            : default;
        if (refusal.Reason is not null)
            return false;
        SetHeader(values);
        shape!.Fill(values, canonical);
        SetRest(record, values, time!.Value, count);
        normalised.Become(Source, shape.Shape, time.Value, count);
        return true;
    }

    static DateTimeOffset? Credible(DateTimeOffset? time) =>
        time is { } t && Timestamps.IsCredible(t) ? t : null;

    DateTimeOffset? TimeOf(RecordInHand record, LazyValues values, DateTimeOffset? prefix)
    {
        var context = times.Context;
        if (context.Fixed is { } given)
            return given;
        DateTimeOffset? time;
        if (Source.Timestamp is not { } rule)
            time = Captured(values) ?? members.Time ?? record.ReceivedAt;
        else if (rule.Path == CapturedTime && timeSlot is null)
            time = Captured(values);
        else if (timeSlot is { } slot)
            time = times.ReadMember(members, slot);
        else if (Source.Format == RecordFormat.Syslog && rule.Offset is not null)
            time = forms.HeaderTime(context with { Zone = times.Zone! });
        else
            time = prefix ?? members.Time;
        return time is { } read ? Timestamps.ToMicroseconds(read) : null;
    }

    DateTimeOffset? Captured(LazyValues values) =>
        values.At(canonical.EventTime) is { Form: ValueForm.Ticks } time
            ? new DateTimeOffset(time.Ticks, TimeSpan.Zero)
            : values[canonical.EventTime] as DateTimeOffset?;

    void SetHeader(LazyValues values)
    {
        if (members.Message.Form != ValueForm.Absent)
            values.SetIfAbsent(canonical.Message, Whole(members.Message));
        if (!members.HasHeader)
            return;
        SetMember(values, canonical.Host, members.Host);
        SetMember(values, canonical.Program, members.Program);
        SetMember(values, canonical.Pid, members.Pid);
    }

    static void SetMember(LazyValues values, int ordinal, in LazyValue member)
    {
        if (member.Form != ValueForm.Absent)
            values.SetIfAbsent(ordinal, member);
    }

    /// <summary>A message of nothing is a message, where a field of nothing is absent.</summary>
    static LazyValue Whole(in LazyValue message) =>
        message is { IsText: true, Length: 0 } ? LazyValue.Of("") : message;

    void SetRest(RecordInHand record, LazyValues values, DateTimeOffset eventTime, int count)
    {
        // Until reference data says more, the host is the thing that the event concerns.
        SetMember(values, canonical.Asset, values.At(canonical.Host));
        values.Set(canonical.EventTime, LazyValue.Of(eventTime));
        // A file without a database is received whenever somebody looks: that is no fact about the event.
        if (record.OrganisationId != Guid.Empty)
            values.Set(canonical.ReceivedAt, LazyValue.Of(record.ReceivedAt));
        values.Set(canonical.SourceSystem, LazyValue.Of(name));
        values.Set(canonical.RepeatCount, LazyValue.Of(SharedTexts.Boxed(count)));
    }
}
