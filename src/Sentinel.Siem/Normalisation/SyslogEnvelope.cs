namespace Sentinel.Siem.Normalisation;

/// <summary>
/// What stands before a syslog message: RFC 3164, RFC 5424, and the files of rsyslog and syslog-ng with
/// ISO 8601 times.
/// </summary>
sealed class SyslogEnvelope
{
    const int ProgramBytesMax = 128;

    readonly SyslogTime times = new();

    /// <summary>Fills the members; false where the line is no syslog.</summary>
    /// <param name="line">The members' record from this place on.</param>
    public bool Read(
        ReadOnlySpan<byte> line,
        int start,
        in TimeContext context,
        RecordMembers members
    )
    {
        var at = SkipPriority(line, out var priority);
        if (at > 0)
            members.SetPriority(priority);
        if (at > 0 && line[at..].StartsWith("1 "u8))
            return new SyslogVersion1(line[(at + 2)..], start + at + 2, members).Read(context);
        if (times.Read(line[at..], context, out var length) is not { } time)
            return false;
        members.Time = time;
        at += length;
        while (at < line.Length && line[at] == ' ')
            at++;
        ReadHostAndTag(line[at..], start + at, members);
        return true;
    }

    /// <summary>The header's time alone.</summary>
    public DateTimeOffset? ReadTime(ReadOnlySpan<byte> line, in TimeContext context)
    {
        line = line[SkipPriority(line, out _)..];
        return times.Read(line.StartsWith("1 "u8) ? line[2..] : line, context, out _);
    }

    static int SkipPriority(ReadOnlySpan<byte> line, out int priority)
    {
        priority = 0;
        if (line.Length < 3 || line[0] != '<')
            return 0;
        var close = line[..Math.Min(line.Length, 5)].IndexOf((byte)'>');
        return close > 1 && Utf8Text.Digits(line[1..close], out priority) ? close + 1 : 0;
    }

    static void ReadHostAndTag(ReadOnlySpan<byte> rest, int start, RecordMembers members)
    {
        var space = rest.IndexOf((byte)' ');
        // A pair or a CEF record right behind the time: there is no host, all of it is the message.
        if (space < 0 || rest[..space].Contains((byte)'=') || rest.StartsWith("CEF:"u8))
        {
            members.SetHeader(default, default, default);
            members.SetMessage(Text(start, rest.Length));
            return;
        }
        if (rest[..space].EndsWith(":"u8))
        {
            // No host at all: the tag came first, as on a local socket.
            ReadTag(default, rest, start, members);
            return;
        }
        var tag = space + 1;
        while (tag < rest.Length && rest[tag] == ' ')
            tag++;
        var host = space == 0 ? default : Text(start, space);
        ReadTag(host, rest[tag..], start + tag, members);
    }

    static void ReadTag(LazyValue host, ReadOnlySpan<byte> rest, int start, RecordMembers members)
    {
        var head = rest[..Math.Min(rest.Length, ProgramBytesMax)];
        var end = head.IndexOfAny(":[ "u8);
        if (end <= 0)
        {
            members.SetHeader(host, default, default);
            members.SetMessage(Text(start, rest.Length));
            return;
        }
        var program = Text(start, end);
        LazyValue processId = default;
        if (rest[end] == '[')
        {
            var close = rest[end..].IndexOf((byte)']');
            if (close > 0)
            {
                processId = Text(start + end + 1, close - 1);
                end += close + 1;
            }
        }
        if (end < rest.Length && rest[end] == ':')
            end++;
        members.SetHeader(host, program, processId);
        var (offset, length) = Utf8Text
            .TrimRange(rest[end..])
            .GetOffsetAndLength(rest.Length - end);
        members.SetMessage(Text(start + end + offset, length));
    }

    static LazyValue Text(int start, int length) => LazyValue.Of(ValueForm.Text, start, length);
}
