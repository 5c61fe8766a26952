using System.Globalization;
using System.Text.RegularExpressions;
using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary>One calendar: its zone, its hours and its holidays.</summary>
sealed partial class CalendarChecker(Reporter reporter, DeclarationSyntax declaration)
{
    /// <summary>The calendar that needs no declaration: every moment counts.</summary>
    public const string Always = "always";

    static readonly string[] days =
    [
        "sunday",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
    ];

    readonly OnceOnly once = new(reporter, declaration);

    public CalendarDeclaration? Check()
    {
        if (declaration.Name.Value == Always)
            reporter.Add(
                Codes.RepeatedName,
                declaration.Name.Place,
                "The calendar 'always' is there without a declaration: every moment counts.",
                "Choose another name."
            );
        var zone = once.Required<NameClause>(
            "in which zone it is",
            "zone \"Europe/Berlin\""
        )?.Value;
        var found = zone is null ? null : Zone(zone);
        var clauses = declaration.Of<HoursClause>().ToList();
        if (clauses.Count == 0 && !declaration.Damaged)
            reporter.MissingClause(
                declaration.Name,
                $"The calendar {declaration.Name} does not say when people work.",
                "Add 'hours monday to friday from 09:00 to 17:00'."
            );
        var hours = clauses.SelectMany(c => Hours(c.Clause)).ToList();
        var holidays = declaration.Of<HolidayClause>().Select(h => Holiday(h.Clause)).ToList();
        return found is null || hours.Count == 0
            ? null
            : new CalendarDeclaration(
                declaration.Name.Value,
                reporter.File,
                found,
                hours,
                [.. holidays.OfType<Holiday>()]
            );
    }

    TimeZoneInfo? Zone(Token zone)
    {
        if (zone.Value == "utc")
            return TimeZoneInfo.Utc;
        // Names of other systems depend on the machine; these are the same everywhere.
        if (
            zone.Value.Contains('/')
            && TimeZoneInfo.TryFindSystemTimeZoneById(zone.Value, out var found)
        )
            return found;
        reporter.Add(
            Codes.WrongZone,
            zone.Place,
            $"{zone} is not a time zone.",
            "Write utc, or a name of the IANA database in quotes: \"Europe/Berlin\"."
        );
        return null;
    }

    IEnumerable<WorkingHours> Hours(HoursClause clause)
    {
        var from = TimeOfDay(clause.From);
        var to = TimeOfDay(clause.To);
        if (from >= to)
            reporter.Add(
                Codes.WrongHours,
                clause.To.Place,
                $"Hours end after they begin, and {clause.To} is not after {clause.From}.",
                "Hours over midnight are two clauses: one to 24:00, and the next day's from 00:00."
            );
        return clause
            .Days.SelectMany(Week)
            .Where(_ => from < to)
            .Select(day => new WorkingHours(day, from!.Value, to!.Value));
    }

    TimeSpan? TimeOfDay(Token token)
    {
        var match = HourAndMinute().Match(token.Value);
        if (match.Success)
        {
            var hour = int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            var minute = int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture);
            var time = new TimeSpan(hour, minute, 0);
            if (
                minute < 60
                && minute % CalendarDeclaration.GridMinutes == 0
                && time <= TimeSpan.FromDays(1)
            )
                return time;
        }
        reporter.Add(
            Codes.WrongHours,
            token.Place,
            $"{token} is not a quarter of an hour from 00:00 to 24:00.",
            "Write 09:00, 12:30 or 17:45."
        );
        return null;
    }

    IEnumerable<DayOfWeek> Week(DaySpan span)
    {
        var first = Day(span.First);
        var last = span.Last is null ? first : Day(span.Last);
        if (first is null || last is null)
            yield break;
        for (var day = first.Value; ; day = (day + 1) % days.Length)
        {
            yield return (DayOfWeek)day;
            if (day == last)
                yield break;
        }
    }

    int? Day(Token token)
    {
        var day = Array.IndexOf(days, token.Value);
        if (day >= 0)
            return day;
        reporter.Add(
            Codes.WrongHours,
            token.Place,
            $"{token} is not a day of the week.",
            Suggestions.DidYouMean(token.Value, days) ?? "Write monday to friday, or saturday."
        );
        return null;
    }

    Holiday? Holiday(HolidayClause clause)
    {
        // A leap year, so that 29 February can be a yearly holiday.
        var text = clause.Every ? $"2024-{clause.Date.Value}" : clause.Date.Value;
        var culture = CultureInfo.InvariantCulture;
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", culture, DateTimeStyles.None, out var date))
            return new Holiday(date, clause.Every, clause.Name.Value);
        reporter.Add(
            Codes.WrongHoliday,
            clause.Date.Place,
            $"{clause.Date} is not a day{(clause.Every ? " of the year" : "")}.",
            "Write 'holiday 2027-03-26 \"Good Friday\"', or 'holiday every 12-25 \"Christmas\"'."
        );
        return null;
    }

    [GeneratedRegex(@"\A([0-9]{2}):([0-9]{2})\z", RegexOptions.CultureInvariant)]
    private static partial Regex HourAndMinute();
}
