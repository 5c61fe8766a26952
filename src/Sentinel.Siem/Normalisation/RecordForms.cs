using Sentinel.Policies.Model;

namespace Sentinel.Siem.Normalisation;

/// <summary>One record in each form that some source asks for, read at most once a form.</summary>
sealed class RecordForms
{
    readonly RecordMembers[] forms;
    readonly bool?[] read;
    readonly JsonEnvelope json = new();
    readonly SyslogEnvelope syslog = new();
    RecordInHand record = null!;
    LazyValue text;

    public RecordForms(IReadOnlyList<SourceDeclaration> sources)
    {
        forms =
        [
            .. Enum.GetValues<RecordFormat>()
                .Select(format => new RecordMembers(
                    Bytes,
                    sources.Where(s => s.Format == format).Select(s => s.Record).Distinct()
                )),
        ];
        read = new bool?[forms.Length];
    }

    public RecordBytes Bytes { get; } = new();

    /// <summary>What completes the record's times.</summary>
    public TimeContext Context { get; private set; }

    /// <summary>The syslog header's time, where the record has such a header.</summary>
    public DateTimeOffset? Time => Has(RecordFormat.Syslog) ? Of(RecordFormat.Syslog).Time : null;

    public void Begin(RecordInHand inHand, in TimeContext time)
    {
        (record, Context) = (inHand, time);
        Bytes.Begin(inHand.Bytes);
        text = TextOf(Bytes);
        Array.Clear(read);
    }

    /// <summary>The whole text is the message, in every form.</summary>
    public void BeginBare(RecordInHand inHand)
    {
        Begin(inHand, default);
        var whole = Bytes.Of(text);
        var (offset, length) = Utf8Text.TrimRange(whole).GetOffsetAndLength(whole.Length);
        foreach (var members in forms)
        {
            members.Clear();
            members.SetMessage(LazyValue.Of(ValueForm.Text, text.Start + offset, length));
        }
        Array.Fill(read, true);
    }

    public RecordMembers Of(RecordFormat format) => forms[(int)format];

    /// <summary>The time of the syslog header, as another context completes it.</summary>
    public DateTimeOffset? HeaderTime(in TimeContext other) =>
        syslog.ReadTime(Bytes.Of(text), other);

    /// <summary>Whether the record has this form; its members then hold it.</summary>
    public bool Has(RecordFormat format)
    {
        if (read[(int)format] is { } known)
            return known;
        var members = Of(format);
        members.Clear();
        var can = Read(format, members);
        members.SetOrigin(record.SourceSystem, record.FileName);
        read[(int)format] = can;
        return can;
    }

    bool Read(RecordFormat format, RecordMembers members)
    {
        switch (format)
        {
            case RecordFormat.Syslog:
                return syslog.Read(Bytes.Of(text), text.Start, Context, members);
            case RecordFormat.Text:
                members.SetMessage(text);
                return true;
            case RecordFormat.Json:
                if (IsJson(Bytes.All))
                    return json.Read(Bytes.All, Bytes.Start, members);
                var message = Payload(members);
                return Bytes.Of(message) is [(byte)'{', ..] object_
                    && json.Read(object_, message.Start, members);
            case RecordFormat.KeyValue:
                var pairs = Payload(members);
                return PairsEnvelope.ReadKeyValue(Bytes.Of(pairs), pairs.Start, members);
            case RecordFormat.Cef:
                // A syslog header may take the word CEF for its tag, so the whole line is searched.
                Payload(members);
                return PairsEnvelope.ReadCef(Bytes.Of(text), text.Start, members);
            default:
                return false;
        }
    }

    /// <summary>Structured records often travel as syslog messages, or else are the line itself.</summary>
    LazyValue Payload(RecordMembers members)
    {
        if (!Has(RecordFormat.Syslog))
            return text;
        members.CopyHeader(Of(RecordFormat.Syslog));
        return members.Message;
    }

    static bool IsJson(ReadOnlySpan<byte> bytes) =>
        bytes.TrimStart(" \t\uFEFF"u8) is [(byte)'{', ..];

    /// <summary>The line without what frames it: a mark at its beginning, a carriage return at its end.</summary>
    static LazyValue TextOf(RecordBytes bytes)
    {
        var (start, length) = (bytes.Start, bytes.Length);
        if (bytes.All.EndsWith("\r"u8))
            length--;
        if (bytes.All[..length].StartsWith("\uFEFF"u8))
            (start, length) = (start + 3, length - 3);
        return LazyValue.Of(ValueForm.Text, start, length);
    }
}
