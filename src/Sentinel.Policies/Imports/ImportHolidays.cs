using System.Globalization;
using System.Runtime.Serialization;
using Ical.Net.CalendarComponents;
using Ical.Net.DataTypes;
using Ical.Net.Evaluation;
using Calendar = Ical.Net.Calendar;

namespace Sentinel.Policies.Imports;

/// <summary>Every answer that reading a file of holidays can give.</summary>
public abstract record HolidayImport
{
    /// <param name="Clauses">For a calendar, what comes every year first: <c>holiday 2027-03-26 "Good Friday"</c>.</param>
    /// <param name="LeftOut">What is no holiday of whole days, each with the reason.</param>
    public sealed record ClausesOf(IReadOnlyList<string> Clauses, IReadOnlyList<string> LeftOut)
        : HolidayImport;

    /// <param name="Reason">One sentence.</param>
    public sealed record Refused(string Reason) : HolidayImport;
}

/// <summary>
/// The events of an iCalendar file (RFC 5545) that last whole days, as holidays of a calendar. What comes on
/// the same date every year is one clause; what moves or ends is written out for the years asked for, since a
/// policy's text says all that it means and reads no file.
/// </summary>
public static class ImportHolidays
{
    public const int YearsMax = 20;
    public const int TextBytesMax = 4 * 1024 * 1024;
    const int HolidaysMax = 2_000;
    const int NameCharsMax = 100;
    const int MessageCharsMax = 120;
    const int StepsWithoutDayMax = 10_000;

    // Before all others, so that what comes every year stands first.
    const int LeapYear = 4;

    /// <param name="text">The file.</param>
    /// <param name="firstYear">Of those that are written out.</param>
    /// <param name="years">1 to <see cref="YearsMax"/>.</param>
    public static HolidayImport Run(string text, int firstYear, int years)
    {
        try
        {
            return Calendar.Load(text) is { } calendar
                ? Read(calendar, new(firstYear, 1, 1), new(firstYear + years, 1, 1))
                : new HolidayImport.Refused("the file holds no iCalendar (BEGIN:VCALENDAR)");
        }
        // The library has no other way to say that a text is not what it reads.
        catch (Exception e)
            when (e is SerializationException or ArgumentException or FormatException)
        {
            return new HolidayImport.Refused($"the file is no iCalendar: {Short(e.Message)}");
        }
        catch (EvaluationException e)
        {
            return new HolidayImport.Refused($"a repetition has no end: {e.Message}");
        }
    }

    static HolidayImport Read(Calendar calendar, DateOnly first, DateOnly end)
    {
        var leftOut = new List<string>();
        foreach (var one in calendar.Events.ToList())
            if (ReasonAgainst(one) is { } reason)
            {
                leftOut.Add($"{NameOf(one)}: {reason}");
                calendar.Events.Remove(one);
            }
        var yearly = calendar
            .Events.GroupBy(e => e.Uid)
            .Where(same => same.Count() == 1)
            .SelectMany(same => same)
            .Where(one => IsYearly(one, first))
            .ToHashSet();
        var clauses = new SortedSet<(DateOnly Day, string Clause)>();
        foreach (var one in yearly)
        {
            var day = one.Start!.Date;
            clauses.Add((new(LeapYear, day.Month, day.Day), Clause($"every {day:MM-dd}", one)));
        }
        var options = new EvaluationOptions { MaxUnmatchedIncrementsLimit = StepsWithoutDayMax };
        // A holiday of several days may have begun before.
        var from = new CalDateTime(first.AddYears(-1));
        foreach (var found in calendar.GetOccurrences<CalendarEvent>(from, options))
        {
            if (found.Period.StartTime.Date >= end)
                break;
            if (found.Source is not CalendarEvent one || yearly.Contains(one))
                continue;
            for (
                var day = found.Period.StartTime.Date;
                day < EndOf(found.Period);
                day = day.AddDays(1)
            )
                if (day >= first && day < end)
                    clauses.Add((day, Clause($"{day:yyyy-MM-dd}", one)));
            if (clauses.Count > HolidaysMax)
                return new HolidayImport.Refused(
                    $"there are more than {HolidaysMax} holidays: ask for fewer years"
                );
        }
        return new HolidayImport.ClausesOf([.. clauses.Select(c => c.Clause)], leftOut);
    }

    static string Short(string message) =>
        message.Length <= MessageCharsMax ? message : message[..MessageCharsMax] + "…";

    static DateOnly EndOf(Period period) =>
        period.EffectiveEndTime is { } end && end.Date > period.StartTime.Date
            ? end.Date
            : period.StartTime.Date.AddDays(1);

    static string? ReasonAgainst(CalendarEvent one) =>
        one.Start is null ? "it has no day that can be read"
        : !one.IsAllDay ? "it does not last whole days"
        : one.Status == Ical.Net.EventStatus.Cancelled ? "it is cancelled"
        : null;

    /// <summary>One day, every year from before the first on, and nothing else is said of it.</summary>
    static bool IsYearly(CalendarEvent one, DateOnly first) =>
        one.RecurrenceRule is { } rule
        && rule
            is {
                Frequency: Ical.Net.FrequencyType.Yearly,
                Interval: 1,
                Count: null,
                Until: null,
                ByDay.Count: 0,
                ByWeekNo.Count: 0,
                ByYearDay.Count: 0,
                BySetPosition.Count: 0
            }
        && rule.ByMonth.All(month => month == one.Start!.Month)
        && rule.ByMonthDay.All(day => day == one.Start!.Day)
        && one.Start!.Date <= first
        && one.EffectiveDuration.ToTimeSpanUnspecified() <= TimeSpan.FromDays(1)
        && !one.ExceptionDates.GetAllDates().Any()
        && !one.RecurrenceDates.GetAllPeriods().Any();

    static string Clause(FormattableString day, CalendarEvent one) =>
        $"holiday {day.ToString(CultureInfo.InvariantCulture)} \"{NameOf(one)}\"";

    /// <summary>On one line, with nothing in it that a text in quotes would have to escape.</summary>
    static string NameOf(CalendarEvent one)
    {
        var name = string.Concat(
            (one.Summary ?? "").Select(c =>
                char.IsControl(c) || char.IsSurrogate(c) || c is '"' or '\\' ? ' ' : c
            )
        );
        name = name.Trim();
        return name.Length == 0 ? "Holiday" : name[..Math.Min(name.Length, NameCharsMax)];
    }
}
