using System.Text;

namespace Sentinel.Siem.Normalisation;

/// <summary>RFC 5424 after <c>&lt;PRI&gt;1 </c>; <c>-</c> stands for nothing.</summary>
ref struct SyslogVersion1(ReadOnlySpan<byte> line, int start, RecordMembers members)
{
    readonly ReadOnlySpan<byte> line = line;
    int at;

    readonly ReadOnlySpan<byte> Rest => line[at..];

    /// <summary>Fills the members; false where the line is not so written.</summary>
    public bool Read(in TimeContext context)
    {
        var timeText = Next(out _);
        if (!timeText.SequenceEqual("-"u8))
        {
            if (Timestamps.ReadIso(timeText, context) is not { } time)
                return false;
            members.Time = time;
        }
        var (host, program, processId) = (NextValue(), NextValue(), NextValue());
        var messageId = NextValue();
        members.SetHeader(host, program, processId);
        members.Set("msgid"u8, messageId);
        if (!ReadStructuredData())
            return false;
        while (at < line.Length && line[at] == ' ')
            at++;
        if (Rest.StartsWith("\uFEFF"u8))
            at += 3;
        members.SetMessage(LazyValue.Of(ValueForm.Text, start + at, Utf8Text.TrimEnd(Rest).Length));
        return true;
    }

    bool ReadStructuredData()
    {
        if (Rest.StartsWith("-"u8))
        {
            at++;
            return true;
        }
        while (Rest.StartsWith("["u8))
        {
            var nameEnd = Rest.IndexOfAny(" ]"u8);
            if (nameEnd < 0)
                return false;
            var id = Rest[1..nameEnd];
            at += nameEnd;
            while (Rest.StartsWith(" "u8))
                if (!ReadParameter(id))
                    return false;
            if (!Rest.StartsWith("]"u8))
                return false;
            at++;
        }
        return true;
    }

    bool ReadParameter(ReadOnlySpan<byte> id)
    {
        var equals = Rest.IndexOf("=\""u8);
        if (equals < 1)
            return false;
        var name = Rest[1..equals];
        at += equals + 2;
        var end = 0;
        while (end < Rest.Length && Rest[end] != '"')
            end += Rest[end] == '\\' ? 2 : 1;
        if (end >= Rest.Length)
            return false;
        var text = Rest[..end];
        var value = text.Contains((byte)'\\')
            ? LazyValue.Of(Encoding.UTF8.GetString(text).Replace("\\", ""))
            : LazyValue.Of(ValueForm.Text, start + at, end);
        members.Set(name, value);
        members.Set([.. id, (byte)'.', .. name], value);
        at += end + 1;
        return true;
    }

    ReadOnlySpan<byte> Next(out int from)
    {
        from = at;
        var space = Rest.IndexOf((byte)' ');
        var token = space < 0 ? Rest : Rest[..space];
        at = space < 0 ? line.Length : at + space + 1;
        return token;
    }

    LazyValue NextValue()
    {
        var token = Next(out var from);
        return token.IsEmpty || token.SequenceEqual("-"u8)
            ? default
            : LazyValue.Of(ValueForm.Text, start + from, token.Length);
    }
}
