using System.Globalization;
using System.Text;

namespace Sentinel.Siem.Normalisation;

/// <summary>What a time that is not complete is completed with.</summary>
/// <param name="Year">Given, or null for the latest that does not put the line in the future.</param>
/// <param name="Fixed">The time to use whatever the record says, or null.</param>
readonly record struct TimeContext(
    int? Year,
    TimeZoneInfo Zone,
    DateTimeOffset NotAfter,
    DateTimeOffset? Fixed = null
)
{
    const int LeapYearsApartMax = 8;

    /// <summary>Local time in the zone; where a clock was set back, the earlier of the two.</summary>
    public DateTimeOffset InZone(DateTime local) =>
        ReferenceEquals(Zone, TimeZoneInfo.Utc)
            ? new DateTimeOffset(local.Ticks, TimeSpan.Zero)
            : new DateTimeOffset(local, Zone.GetUtcOffset(local)).ToUniversalTime();

    /// <summary>Null where no such day exists in any year that fits.</summary>
    public DateTimeOffset? WithYear(int month, int day, TimeSpan timeOfDay)
    {
        if (Year is { } given)
            return Of(given, month, day, timeOfDay);
        for (var year = NotAfter.Year + 1; year > NotAfter.Year - LeapYearsApartMax; year--)
            if (Of(year, month, day, timeOfDay) is { } time && time <= NotAfter)
                return time;
        return null;
    }

    DateTimeOffset? Of(int year, int month, int day, TimeSpan timeOfDay) =>
        month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            ? null
            : InZone(new DateTime(year, month, day).Add(timeOfDay));
}

/// <summary>Reads the ways in which logs write times, always into UTC.</summary>
static class Timestamps
{
    public const int YearMin = 1970;
    public const int YearMax = 2199;

    const int ExactBytesMax = 128;
    const long EpochMillisecondsMin = 100_000_000_000;

    static readonly string[] CommonFormats =
    [
        "dd/MMM/yyyy:HH:mm:ss zzz",
        "ddd MMM dd HH:mm:ss yyyy",
        "ddd MMM dd HH:mm:ss.FFFFFF yyyy",
        "ddd, dd MMM yyyy HH:mm:ss zzz",
    ];

    /// <summary>Any of the usual complete forms; null for anything else.</summary>
    public static DateTimeOffset? ReadCommon(ReadOnlySpan<byte> text)
    {
        var context = new TimeContext(null, TimeZoneInfo.Utc, DateTimeOffset.MaxValue);
        if (ReadIso(text, context) is { } iso)
            return iso;
        foreach (var format in CommonFormats)
            if (ReadExact(text, format, context) is { } time)
                return time;
        return null;
    }

    /// <summary>As text in memory has it.</summary>
    public static DateTimeOffset? ReadCommon(string text) =>
        ReadCommon(Encoding.UTF8.GetBytes(text));

    public static string ToText(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>As exact as the database keeps it, so that a stored event equals a fresh one.</summary>
    public static DateTimeOffset ToMicroseconds(DateTimeOffset time) =>
        time.AddTicks(-(time.Ticks % TimeSpan.TicksPerMicrosecond));

    public static bool IsCredible(DateTimeOffset time) => time.Year is >= YearMin and <= YearMax;

    /// <summary>ISO 8601 as logs have it: <c>T</c> or a space, any fraction, <c>Z</c>, an offset, or neither.</summary>
    public static DateTimeOffset? ReadIso(ReadOnlySpan<byte> text, in TimeContext context)
    {
        var read = ReadIsoPrefix(text, context, out var length);
        return length == text.Length ? read : null;
    }

    public static DateTimeOffset? ReadIsoPrefix(
        ReadOnlySpan<byte> text,
        in TimeContext context,
        out int length
    )
    {
        length = 0;
        if (
            text.Length < 19
            || text[4] != '-'
            || text[7] != '-'
            || (char)text[10] is not ('T' or 't' or ' ')
        )
            return null;
        if (
            !Utf8Text.Digits(text[..4], out var year)
            || !Utf8Text.Digits(text[5..7], out var month)
            || !Utf8Text.Digits(text[8..10], out var day)
            || ReadTimeOfDay(text[11..], out var timeLength) is not { } timeOfDay
            || year is < 1 or > 9998
            || month is < 1 or > 12
            || day < 1
            || day > DateTime.DaysInMonth(year, month)
        )
            return null;
        var local = new DateTime(year, month, day).Add(timeOfDay);
        length = 11 + timeLength;
        if (ReadOffset(text[length..], out var offsetLength) is not { } offset)
            return context.InZone(local);
        length += offsetLength;
        return new DateTimeOffset(local.Ticks, TimeSpan.Zero).Subtract(offset);
    }

    /// <summary><c>hh:mm:ss</c> with a fraction after a point or a comma; second 60 becomes the next minute.</summary>
    public static TimeSpan? ReadTimeOfDay(ReadOnlySpan<byte> text, out int length)
    {
        length = 0;
        if (
            text.Length < 8
            || text[2] != ':'
            || text[5] != ':'
            || !Utf8Text.Digits(text[..2], out var hour)
            || !Utf8Text.Digits(text[3..5], out var minute)
            || !Utf8Text.Digits(text[6..8], out var second)
            || hour > 23
            || minute > 59
            || second > 60
        )
            return null;
        length = 8;
        var ticks = 0L;
        if (text.Length > 9 && (char)text[8] is '.' or ',' && char.IsAsciiDigit((char)text[9]))
        {
            var unit = TimeSpan.TicksPerSecond;
            for (
                length = 9;
                length < text.Length && char.IsAsciiDigit((char)text[length]);
                length++
            )
                ticks += (text[length] - '0') * (unit /= 10);
        }
        return new TimeSpan(hour, minute, second) + TimeSpan.FromTicks(ticks);
    }

    public static DateTimeOffset? ReadEpoch(ReadOnlySpan<byte> text, bool milliseconds)
    {
        if (
            !decimal.TryParse(
                text,
                NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign,
                CultureInfo.InvariantCulture,
                out var number
            )
        )
            return null;
        var seconds = milliseconds ? number / 1000 : number;
        // The year 5138 in seconds is 1973 in milliseconds: nobody means the former.
        if (Math.Abs(seconds) >= EpochMillisecondsMin)
            return null;
        return DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond));
    }

    /// <summary>A .NET custom format; what the format leaves out, the context completes.</summary>
    public static DateTimeOffset? ReadExact(
        ReadOnlySpan<byte> text,
        string format,
        in TimeContext context
    )
    {
        if (text.Length > ExactBytesMax)
            return null;
        Span<char> chars = stackalloc char[ExactBytesMax];
        return ReadExact(chars[..Encoding.UTF8.GetChars(text, chars)], format, context);
    }

    static DateTimeOffset? ReadExact(ReadOnlySpan<char> text, string format, in TimeContext context)
    {
        const DateTimeStyles Styles =
            DateTimeStyles.AssumeUniversal
            | DateTimeStyles.AdjustToUniversal
            | DateTimeStyles.AllowInnerWhite
            | DateTimeStyles.AllowTrailingWhite;
        var culture = CultureInfo.InvariantCulture;
        if (Has(format, 'z') || Has(format, 'K'))
            return DateTimeOffset.TryParseExact(text, format, culture, Styles, out var complete)
                ? complete
                : null;
        if (Has(format, 'y'))
            return DateTime.TryParseExact(text, format, culture, Styles, out var local)
                ? context.InZone(DateTime.SpecifyKind(local, DateTimeKind.Unspecified))
                : null;
        // Without a year the framework would take the clock's; a leap year lets 29 February through.
        return DateTime.TryParseExact(
            $"2000 {text}",
            $"yyyy {format}",
            culture,
            Styles,
            out var day
        )
            ? context.WithYear(day.Month, day.Day, day.TimeOfDay)
            : null;
    }

    static bool Has(string format, char specifier)
    {
        var quoted = false;
        foreach (var c in format)
        {
            if (c == '\'')
                quoted = !quoted;
            else if (c == specifier && !quoted)
                return true;
        }
        return false;
    }

    static TimeSpan? ReadOffset(ReadOnlySpan<byte> text, out int length)
    {
        length = 0;
        if (text.Length > 0 && (char)text[0] is 'Z' or 'z')
        {
            length = 1;
            return TimeSpan.Zero;
        }
        var space = text.Length > 3 && text[0] == ' ' ? 1 : 0;
        text = text[space..];
        if (
            text.Length < 3
            || (char)text[0] is not ('+' or '-')
            || !Utf8Text.Digits(text[1..3], out var hours)
        )
            return null;
        var minutes = 0;
        length = 3;
        if (text.Length >= 6 && text[3] == ':' && Utf8Text.Digits(text[4..6], out minutes))
            length = 6;
        else if (text.Length >= 5 && Utf8Text.Digits(text[3..5], out minutes))
            length = 5;
        if (hours > 14 || minutes > 59)
            return null;
        var offset = new TimeSpan(hours, minutes, 0);
        length += space;
        return text[0] == '-' ? -offset : offset;
    }
}
