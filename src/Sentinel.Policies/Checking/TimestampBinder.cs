using System.Globalization;
using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary><c>timestamp @timestamp as iso8601, "dd/MMM/yyyy:HH:mm:ss zzz" zone +02:00</c></summary>
sealed class TimestampBinder(Reporter reporter, FieldTable record, bool open)
{
    static readonly string[] named = ["iso8601", "epoch", "epoch_millis"];

    public TimestampRule Bind(TimestampClause clause)
    {
        if (open && clause.Path is null)
            reporter.Add(
                Codes.WrongTimestamp,
                clause.Formats[0].Place,
                "This format has members: say which holds the time.",
                "Write 'timestamp MEMBER as …'."
            );
        else if (open)
            record.Declare(clause.Path!.Value, FieldType.Untyped);
        else if (clause.Path is { Value: not "event_time" } path)
            reporter.Add(
                Codes.WrongTimestamp,
                path.Place,
                $"The time of a line is captured as event_time, not as {path}.",
                "Write {event_time} in the line's template, and 'timestamp event_time as …'."
            );
        foreach (var format in clause.Formats)
            CheckFormat(format);
        return new TimestampRule(
            clause.Path?.Value,
            [.. clause.Formats.Select(f => f.Value)],
            clause.Zone is { } zone ? Offset(zone) : null
        );
    }

    void CheckFormat(Token format)
    {
        if (!format.IsQuoted && named.Contains(format.Value))
            return;
        if (!format.IsQuoted)
        {
            reporter.Add(
                Codes.WrongTimestamp,
                format.Place,
                $"{format} is not a format of time.",
                Suggestions.DidYouMean(format.Value, named)
                    ?? "Write iso8601, epoch, epoch_millis, or a quoted format."
            );
            return;
        }
        // A format is right if what it writes can be read again.
        var some = new DateTimeOffset(2026, 11, 23, 8, 9, 10, TimeSpan.Zero);
        var culture = CultureInfo.InvariantCulture;
        const DateTimeStyles styles =
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowWhiteSpaces;
        try
        {
            var written = some.ToString(format.Value, culture);
            if (DateTimeOffset.TryParseExact(written, format.Value, culture, styles, out _))
                return;
        }
        catch (FormatException)
        {
            // Reported below.
        }
        reporter.Add(
            Codes.WrongTimestamp,
            format.Place,
            "This is not a format of time.",
            "Letters as in .NET: 'dd/MMM/yyyy:HH:mm:ss zzz' reads 23/Nov/2026:08:09:10 +0000."
        );
    }

    TimeSpan? Offset(ZoneSyntax zone)
    {
        if (zone.Sign is null)
            return TimeSpan.Zero;
        var culture = CultureInfo.InvariantCulture;
        if (
            TimeSpan.TryParseExact(zone.Offset.Value, @"hh\:mm", culture, out var offset)
            && offset <= TimeSpan.FromHours(14)
        )
            return zone.Sign.Value == "-" ? -offset : offset;
        reporter.Add(
            Codes.WrongTimestamp,
            zone.Offset.Place,
            $"{zone.Offset} is not a distance from UTC.",
            "Write +02:00, -05:30 or utc."
        );
        return null;
    }
}
