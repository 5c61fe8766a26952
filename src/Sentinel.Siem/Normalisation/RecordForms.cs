using System.Text;
using Sentinel.Policies.Model;
using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Normalisation;

/// <summary>One record in each form that some source asks for, read at most once a form.</summary>
sealed class RecordForms
{
    readonly RecordMembers[] forms;
    readonly bool?[] read;
    readonly JsonEnvelope json = new();
    RawEvent? raw;
    TimeContext context;
    string? text;

    public RecordForms(IReadOnlyList<SourceDeclaration> sources)
    {
        forms =
        [
            .. Enum.GetValues<RecordFormat>()
                .Select(format => new RecordMembers(
                    sources.Where(s => s.Format == format).Select(s => s.Record).Distinct()
                )),
        ];
        read = new bool?[forms.Length];
    }

    /// <summary>The syslog header's time, where the record has such a header.</summary>
    public DateTimeOffset? Time => Has(RecordFormat.Syslog) ? Of(RecordFormat.Syslog).Time : null;

    public string Text => text ??= Decode(raw!.PayloadBytes.Span);

    public void Begin(RawEvent record, in TimeContext time)
    {
        (raw, context, text) = (record, time, null);
        Array.Clear(read);
    }

    /// <summary>The whole text is the message, in every form.</summary>
    public void BeginBare(RawEvent record)
    {
        Begin(record, default);
        foreach (var members in forms)
        {
            members.Clear();
            members.Message = Text.Trim();
        }
        Array.Fill(read, true);
    }

    public RecordMembers Of(RecordFormat format) => forms[(int)format];

    /// <summary>Whether the record has this form; its members then hold it.</summary>
    public bool Has(RecordFormat format)
    {
        if (read[(int)format] is { } known)
            return known;
        var members = Of(format);
        members.Clear();
        var can = Read(format, members);
        members.SetOrigin(raw!.SourceSystem, raw.FileName);
        read[(int)format] = can;
        return can;
    }

    bool Read(RecordFormat format, RecordMembers members)
    {
        switch (format)
        {
            case RecordFormat.Syslog:
                return SyslogEnvelope.Read(Text, context, members);
            case RecordFormat.Text:
                members.Message = Text;
                return true;
            case RecordFormat.Json:
                return IsJson(raw!.PayloadBytes.Span)
                    ? json.Read(raw.PayloadBytes.Span, members)
                    : Payload(members) is ['{', ..] message
                        && json.Read(Encoding.UTF8.GetBytes(message), members);
            case RecordFormat.KeyValue:
                return PairsEnvelope.ReadKeyValue(Payload(members), members);
            case RecordFormat.Cef:
                // A syslog header may take the word CEF for its tag, so the whole line is searched.
                Payload(members);
                return PairsEnvelope.ReadCef(Text, members);
            default:
                return false;
        }
    }

    /// <summary>Structured records often travel as syslog messages, or else are the line itself.</summary>
    string Payload(RecordMembers members)
    {
        if (!Has(RecordFormat.Syslog))
            return Text;
        members.CopyHeader(Of(RecordFormat.Syslog));
        return members.Message ?? "";
    }

    static bool IsJson(ReadOnlySpan<byte> bytes) =>
        bytes.TrimStart(" \t\uFEFF"u8) is [(byte)'{', ..];

    static string Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.EndsWith("\r"u8))
            bytes = bytes[..^1];
        if (bytes.StartsWith("\uFEFF"u8))
            bytes = bytes[3..];
        return Encoding.UTF8.GetString(bytes);
    }
}
