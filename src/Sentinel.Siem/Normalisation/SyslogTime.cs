namespace Sentinel.Siem.Normalisation;

/// <summary>
/// The time of a syslog header: ISO 8601, or <c>Dec  1 06:55:46</c>, and that with a year as some devices
/// write it. Remembers the last day, since the next line is mostly of the same.
/// </summary>
sealed class SyslogTime
{
    const int DayBytes = 6;

    ulong day;
    DateTimeOffset midnight;
    TimeContext dayContext;

    public DateTimeOffset? Read(ReadOnlySpan<byte> line, in TimeContext context, out int length)
    {
        length = 0;
        if (line.Length > 0 && char.IsAsciiDigit((char)line[0]))
            return Timestamps.ReadIsoPrefix(line, context, out length);
        return Remembered(line, context, out length) ?? ReadVersion0(line, context, out length);
    }

    /// <summary>Null where the line is of another day, or not of the usual form.</summary>
    DateTimeOffset? Remembered(ReadOnlySpan<byte> line, in TimeContext context, out int length)
    {
        length = 0;
        if (
            line.Length < DayBytes + 10
            || line[DayBytes] != ' '
            || DayOf(line) != day
            || !IsSame(context)
            || Timestamps.ReadTimeOfDay(line[(DayBytes + 1)..], out var timeLength)
                is not { } timeOfDay
        )
            return null;
        length = DayBytes + 1 + timeLength;
        return length < line.Length && (char)line[length] is not (' ' or ':')
            ? null
            : midnight + timeOfDay;
    }

    bool IsSame(in TimeContext context) =>
        ReferenceEquals(context.Zone, dayContext.Zone)
        && context.NotAfter == dayContext.NotAfter
        && context.Year == dayContext.Year;

    static ulong DayOf(ReadOnlySpan<byte> line) =>
        System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(line)
        | ((ulong)System.Buffers.Binary.BinaryPrimitives.ReadUInt16LittleEndian(line[4..]) << 32);

    DateTimeOffset? ReadVersion0(ReadOnlySpan<byte> line, in TimeContext context, out int length)
    {
        length = 0;
        if (line.Length < 15 || line[3] != ' ')
            return null;
        var month = "JanFebMarAprMayJunJulAugSepOctNovDec"u8.IndexOf(line[..3]);
        if (month < 0 || month % 3 != 0)
            return null;
        var at = line[4] == ' ' ? 5 : 4;
        var dayLength = char.IsAsciiDigit((char)line[at + 1]) ? 2 : 1;
        if (
            !Utf8Text.Digits(line.Slice(at, dayLength), out var dayOfMonth)
            || line[at + dayLength] != ' '
        )
            return null;
        at += dayLength + 1;
        var year = 0;
        if (
            line.Length > at + 5
            && line[at + 4] == ' '
            && Utf8Text.Digits(line.Slice(at, 4), out year)
        )
            at += 5;
        if (Timestamps.ReadTimeOfDay(line[at..], out var timeLength) is not { } timeOfDay)
            return null;
        length = at + timeLength;
        if (length < line.Length && (char)line[length] is not (' ' or ':'))
            return null;
        if (year is > 0 and (< Timestamps.YearMin or > Timestamps.YearMax))
            return null;
        var withYear = year == 0 ? context : context with { Year = year };
        var time = withYear.WithYear(month / 3 + 1, dayOfMonth, timeOfDay);
        if (year == 0 && time is { } known && at == DayBytes + 1)
            Remember(line, known - timeOfDay, context);
        return time;
    }

    /// <summary>Only a day that begins and ends alike whatever the hour: in UTC, and all of it past.</summary>
    void Remember(ReadOnlySpan<byte> line, DateTimeOffset start, in TimeContext context)
    {
        var isPast = context.Year is not null || start.AddDays(1).AddSeconds(1) <= context.NotAfter;
        if (!isPast || !ReferenceEquals(context.Zone, TimeZoneInfo.Utc))
            return;
        (day, midnight, dayContext) = (DayOf(line), start, context);
    }
}
