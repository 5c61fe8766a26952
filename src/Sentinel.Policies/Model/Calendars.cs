namespace Sentinel.Policies.Model;

/// <summary>When people work: the time that the clocks of an sla count.</summary>
/// <param name="Hours">Of a week, in the zone's own time. More than one span a day may overlap.</param>
public sealed record CalendarDeclaration(
    string Name,
    PolicyText Text,
    TimeZoneInfo Zone,
    IReadOnlyList<WorkingHours> Hours,
    IReadOnlyList<Holiday> Holidays
)
{
    /// <summary>Hours begin and end at multiples of it, and so do all zones' changes of offset.</summary>
    public const int GridMinutes = 15;

    /// <summary>Nobody looks further ahead: a calendar can be nearly all holidays.</summary>
    public const int AheadYearsMax = 10;

    /// <summary>The moment at which so much working time has passed since the start.</summary>
    /// <returns>Null where that takes longer than <see cref="AheadYearsMax"/>.</returns>
    public DateTimeOffset? After(DateTimeOffset start, TimeSpan work)
    {
        var left = work;
        foreach (var (from, to) in Open(start, start.AddYears(AheadYearsMax)))
        {
            if (to - from >= left)
                return from + left;
            left -= to - from;
        }
        return null;
    }

    /// <summary>How much working time lies between the two.</summary>
    public TimeSpan Between(DateTimeOffset from, DateTimeOffset until) =>
        Open(from, until).Aggregate(TimeSpan.Zero, (sum, span) => sum + (span.To - span.From));

    /// <summary>The working time between the two, in order; spans may touch.</summary>
    IEnumerable<(DateTimeOffset From, DateTimeOffset To)> Open(
        DateTimeOffset from,
        DateTimeOffset until
    )
    {
        var day = new DateTimeOffset(from.UtcDateTime.Date, TimeSpan.Zero);
        for (; day < until; day = day.AddDays(1))
            foreach (var span in OfDay(day))
            {
                var begin = Later(span.From, from);
                var end = Earlier(span.To, until);
                if (begin < end)
                    yield return (begin, end);
            }
    }

    /// <param name="day">A day of UTC, which is parts of two days of the zone.</param>
    IEnumerable<(DateTimeOffset From, DateTimeOffset To)> OfDay(DateTimeOffset day)
    {
        var offset = Zone.GetUtcOffset(day);
        if (offset != Zone.GetUtcOffset(day.AddDays(1).AddTicks(-1)))
            return Quarters(day).Where(span => IsOpen(span.From));
        var first = DateOnly.FromDateTime((day + offset).DateTime);
        return new[] { first, first.AddDays(1) }
            .Where(date => !Holidays.Any(h => h.Is(date)))
            .SelectMany(date =>
                Merged(date.DayOfWeek)
                    .Select(hours =>
                    {
                        var midnight = new DateTimeOffset(date.ToDateTime(default), TimeSpan.Zero);
                        return (midnight + hours.From - offset, midnight + hours.To - offset);
                    })
            )
            .Select(span => (Later(span.Item1, day), Earlier(span.Item2, day.AddDays(1))))
            .Where(span => span.Item1 < span.Item2);
    }

    static IEnumerable<(DateTimeOffset From, DateTimeOffset To)> Quarters(DateTimeOffset day)
    {
        for (var at = day; at < day.AddDays(1); at = at.AddMinutes(GridMinutes))
            yield return (at, at.AddMinutes(GridMinutes));
    }

    /// <summary>Hours of one weekday that overlap count once.</summary>
    IEnumerable<(TimeSpan From, TimeSpan To)> Merged(DayOfWeek day)
    {
        var end = TimeSpan.Zero;
        foreach (var hours in Hours.Where(h => h.Day == day).OrderBy(h => h.From))
        {
            if (hours.To > end)
                yield return (hours.From > end ? hours.From : end, hours.To);
            end = hours.To > end ? hours.To : end;
        }
    }

    static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) =>
        one > other ? one : other;

    static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) =>
        one < other ? one : other;

    public bool IsOpen(DateTimeOffset moment)
    {
        var local = TimeZoneInfo.ConvertTime(moment, Zone);
        var day = DateOnly.FromDateTime(local.DateTime);
        return Hours.Any(h =>
                h.Day == local.DayOfWeek && h.From <= local.TimeOfDay && local.TimeOfDay < h.To
            ) && !Holidays.Any(h => h.Is(day));
    }
}

/// <param name="To">At most 24 hours: the end of the day.</param>
public sealed record WorkingHours(DayOfWeek Day, TimeSpan From, TimeSpan To);

/// <param name="Date">Of a yearly holiday, its day in a leap year.</param>
public sealed record Holiday(DateOnly Date, bool Yearly, string Name)
{
    public bool Is(DateOnly day) =>
        Yearly ? (day.Month, day.Day) == (Date.Month, Date.Day) : day == Date;
}
