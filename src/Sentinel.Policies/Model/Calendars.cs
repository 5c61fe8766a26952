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

    /// <summary>What takes longer than this is due after it: a calendar can be nearly all holidays.</summary>
    public const int AheadYearsMax = 10;

    /// <summary>The moment at which so much working time has passed since the start.</summary>
    public DateTimeOffset After(DateTimeOffset start, TimeSpan work)
    {
        var grid = TimeSpan.FromMinutes(GridMinutes);
        var latest = start.AddYears(AheadYearsMax);
        var left = work;
        var at = start;
        while (at < latest)
        {
            // Whoever works at a moment works until the next line of the grid, and no other way round.
            var next = at.AddTicks(grid.Ticks - at.UtcTicks % grid.Ticks);
            if (IsOpen(at))
            {
                if (next - at >= left)
                    return at + left;
                left -= next - at;
            }
            at = next;
        }
        return latest;
    }

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
