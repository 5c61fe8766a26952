namespace Sentinel.Siem.Normalisation;

/// <summary>
/// What stands before a syslog message: RFC 3164, RFC 5424, and the files of rsyslog and syslog-ng with
/// ISO 8601 times.
/// </summary>
static class SyslogEnvelope
{
    const string Months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const int ProgramCharsMax = 128;

    /// <summary>Fills the members; false where the line is no syslog.</summary>
    public static bool Read(ReadOnlySpan<char> line, in TimeContext context, RecordMembers members)
    {
        var start = SkipPriority(line, out var priority);
        line = line[start..];
        if (start > 0)
            members.SetPriority(priority);
        if (start > 0 && line.StartsWith("1 "))
            return ReadVersion1(line[2..], context, members);
        if (ReadTime(line, context, out var length) is not { } time)
            return false;
        members.Time = time;
        ReadHostAndTag(line[length..].TrimStart(' '), members);
        return true;
    }

    /// <summary>The header's time alone.</summary>
    public static DateTimeOffset? ReadTime(ReadOnlySpan<char> line, in TimeContext context)
    {
        line = line[SkipPriority(line, out _)..];
        return ReadTime(line.StartsWith("1 ") ? line[2..] : line, context, out _);
    }

    static int SkipPriority(ReadOnlySpan<char> line, out int priority)
    {
        priority = 0;
        if (line.Length < 3 || line[0] != '<')
            return 0;
        var close = line[..Math.Min(line.Length, 5)].IndexOf('>');
        return close > 1 && Timestamps.Digits(line[1..close], out priority) ? close + 1 : 0;
    }

    static DateTimeOffset? ReadTime(ReadOnlySpan<char> line, in TimeContext context, out int length)
    {
        length = 0;
        if (line.Length > 0 && char.IsAsciiDigit(line[0]))
            return Timestamps.ReadIsoPrefix(line, context, out length);
        return ReadVersion0Time(line, context, out length);
    }

    /// <summary><c>Dec  1 06:55:46</c>, and with a year as some devices write it.</summary>
    static DateTimeOffset? ReadVersion0Time(
        ReadOnlySpan<char> line,
        in TimeContext context,
        out int length
    )
    {
        length = 0;
        if (line.Length < 15 || line[3] != ' ')
            return null;
        var month = Months.AsSpan().IndexOf(line[..3], StringComparison.Ordinal);
        if (month < 0 || month % 3 != 0)
            return null;
        var at = line[4] == ' ' ? 5 : 4;
        var dayLength = char.IsAsciiDigit(line[at + 1]) ? 2 : 1;
        if (
            !Timestamps.Digits(line.Slice(at, dayLength), out var day)
            || line[at + dayLength] != ' '
        )
            return null;
        at += dayLength + 1;
        var year = 0;
        if (
            line.Length > at + 5
            && line[at + 4] == ' '
            && Timestamps.Digits(line.Slice(at, 4), out year)
        )
            at += 5;
        if (Timestamps.ReadTimeOfDay(line[at..], out var timeLength) is not { } timeOfDay)
            return null;
        length = at + timeLength;
        if (length < line.Length && line[length] is not (' ' or ':'))
            return null;
        var withYear = year == 0 ? context : context with { Year = year };
        return year is > 0 and (< Timestamps.YearMin or > Timestamps.YearMax)
            ? null
            : withYear.WithYear(month / 3 + 1, day, timeOfDay);
    }

    static void ReadHostAndTag(ReadOnlySpan<char> rest, RecordMembers members)
    {
        var space = rest.IndexOf(' ');
        // A pair or a CEF record right behind the time: there is no host, all of it is the message.
        if (space < 0 || rest[..space].Contains('=') || rest.StartsWith("CEF:"))
        {
            members.SetHeader(null, null, null);
            members.Message = rest.ToString();
            return;
        }
        var host = rest[..space];
        if (host.EndsWith(":"))
        {
            // No host at all: the tag came first, as on a local socket.
            ReadTag(default, rest, members);
            return;
        }
        ReadTag(host, rest[(space + 1)..].TrimStart(' '), members);
    }

    static void ReadTag(ReadOnlySpan<char> host, ReadOnlySpan<char> rest, RecordMembers members)
    {
        var hostName = host.IsEmpty ? null : SharedTexts.Of(host);
        var head = rest[..Math.Min(rest.Length, ProgramCharsMax)];
        var end = head.IndexOfAny(":[ ");
        if (end <= 0)
        {
            members.SetHeader(hostName, null, null);
            members.Message = rest.ToString();
            return;
        }
        var program = rest[..end];
        string? processId = null;
        if (rest[end] == '[')
        {
            var close = rest[end..].IndexOf(']');
            if (close > 0)
            {
                processId = SharedTexts.Of(rest.Slice(end + 1, close - 1));
                end += close + 1;
            }
        }
        if (end < rest.Length && rest[end] == ':')
            end++;
        members.SetHeader(hostName, SharedTexts.Of(program), processId);
        members.Message = rest[end..].Trim().ToString();
    }

    /// <summary>RFC 5424 after <c>&lt;PRI&gt;1 </c>; <c>-</c> stands for nothing.</summary>
    static bool ReadVersion1(ReadOnlySpan<char> rest, in TimeContext context, RecordMembers members)
    {
        var timeText = Next(ref rest);
        if (timeText is not "-")
        {
            if (Timestamps.ReadIso(timeText, context) is not { } time)
                return false;
            members.Time = time;
        }
        var host = Value(Next(ref rest));
        var program = Value(Next(ref rest));
        var processId = Value(Next(ref rest));
        var messageId = Value(Next(ref rest));
        members.SetHeader(host, program, processId);
        members.Set("msgid", messageId);
        if (!ReadStructuredData(ref rest, members))
            return false;
        rest = rest.TrimStart(' ');
        members.Message = (rest.StartsWith("\uFEFF") ? rest[1..] : rest).TrimEnd().ToString();
        return true;
    }

    static bool ReadStructuredData(ref ReadOnlySpan<char> rest, RecordMembers members)
    {
        if (rest.StartsWith("-"))
        {
            rest = rest[1..];
            return true;
        }
        while (rest.StartsWith("["))
        {
            var nameEnd = rest.IndexOfAny(" ]");
            if (nameEnd < 0)
                return false;
            var id = rest[1..nameEnd];
            rest = rest[nameEnd..];
            while (rest.StartsWith(" "))
                if (!ReadParameter(id, ref rest, members))
                    return false;
            if (!rest.StartsWith("]"))
                return false;
            rest = rest[1..];
        }
        return true;
    }

    static bool ReadParameter(
        ReadOnlySpan<char> id,
        ref ReadOnlySpan<char> rest,
        RecordMembers members
    )
    {
        var equals = rest.IndexOf("=\"");
        if (equals < 1)
            return false;
        var name = rest[1..equals];
        rest = rest[(equals + 2)..];
        var end = 0;
        while (end < rest.Length && rest[end] != '"')
            end += rest[end] == '\\' ? 2 : 1;
        if (end >= rest.Length)
            return false;
        var value = rest[..end].ToString().Replace("\\", "");
        members.Set(name, value);
        members.Set($"{id}.{name}", value);
        rest = rest[(end + 1)..];
        return true;
    }

    static ReadOnlySpan<char> Next(ref ReadOnlySpan<char> rest)
    {
        var space = rest.IndexOf(' ');
        var token = space < 0 ? rest : rest[..space];
        rest = space < 0 ? default : rest[(space + 1)..];
        return token;
    }

    static string? Value(ReadOnlySpan<char> token) =>
        token.IsEmpty || token is "-" ? null : SharedTexts.Of(token);
}
