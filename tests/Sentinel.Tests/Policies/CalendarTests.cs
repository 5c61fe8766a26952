using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Sentinel.Policies.Model;

namespace Sentinel.Tests.Policies;

public sealed class CalendarTests
{
    static readonly string[] zones =
    [
        "Etc/UTC",
        "Europe/Berlin",
        "America/New_York",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Pacific/Chatham",
    ];

    static readonly DateTimeOffset monday = new(2026, 11, 23, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("2026-11-23T09:00:00Z", 60, "2026-11-23T10:00:00Z")]
    [InlineData("2026-11-23T06:00:00Z", 60, "2026-11-23T10:00:00Z")] // before the office opens
    [InlineData("2026-11-23T16:30:00Z", 60, "2026-11-24T09:30:00Z")] // overnight
    [InlineData("2026-11-27T16:30:00Z", 60, "2026-11-30T09:30:00Z")] // over the weekend
    [InlineData("2026-12-24T16:00:00Z", 120, "2026-12-28T10:00:00Z")] // over a holiday and the weekend
    [InlineData("2026-11-23T09:00:00Z", 480, "2026-11-23T17:00:00Z")] // to the end of the day
    [InlineData("2026-11-23T09:00:07Z", 480, "2026-11-24T09:00:07Z")]
    public void An_office_counts_its_own_hours(string start, int minutes, string due)
    {
        var office = Some.Policy(
                """
                calendar office
                  zone utc
                  hours monday to friday from 09:00 to 17:00
                  holiday every 12-25 "Christmas"

                sla one
                  respond within 1h, resolve within 8h, calendar office
                """
            )
            .Slas[0]
            .Working!;

        Assert.Equal(
            DateTimeOffset.Parse(due, null),
            office.After(DateTimeOffset.Parse(start, null), TimeSpan.FromMinutes(minutes))
        );
    }

    [Property(MaxTest = 60)]
    public Property Working_time_is_what_counting_minutes_gives() =>
        Prop.ForAll(
            Arb.From(Cases),
            one =>
            {
                var due = one.Calendar.After(one.Start, TimeSpan.FromMinutes(one.Minutes));
                return due == Counted(one.Calendar, one.Start, one.Minutes);
            }
        );

    [Fact]
    public void Nobody_looks_further_ahead_than_ten_years()
    {
        var rare = new CalendarDeclaration(
            "rare",
            new PolicyText("a.sentinel", ""),
            TimeZoneInfo.Utc,
            [new WorkingHours(DayOfWeek.Monday, TimeSpan.Zero, TimeSpan.FromMinutes(15))],
            []
        );

        Assert.Null(rare.After(monday, TimeSpan.FromDays(366)));
        Assert.Equal(
            monday.AddDays(70).AddMinutes(10),
            rare.After(monday, TimeSpan.FromMinutes(160))
        );
    }

    // Minute by minute, by the clock on the wall.
    static DateTimeOffset Counted(CalendarDeclaration calendar, DateTimeOffset start, int minutes)
    {
        var at = start;
        while (minutes > 0)
        {
            var wall = TimeZoneInfo.ConvertTimeFromUtc(at.UtcDateTime, calendar.Zone);
            var minute = wall.Hour * 60 + wall.Minute;
            var free = calendar.Holidays.Any(h =>
                h.Date.Month == wall.Month
                && h.Date.Day == wall.Day
                && (h.Yearly || h.Date.Year == wall.Year)
            );
            var open = calendar.Hours.Any(h =>
                h.Day == wall.DayOfWeek
                && h.From.TotalMinutes <= minute
                && minute < h.To.TotalMinutes
            );
            at = at.AddMinutes(1);
            if (open && !free)
                minutes--;
        }
        return at;
    }

    static Gen<Case> Cases =>
        from zone in Gen.Elements(zones)
        from hours in Gen.Choose(1, 6).SelectMany(n => Hours.ListOf(n))
        from holidays in Gen.Choose(0, 4).SelectMany(n => Holidays.ListOf(n))
        from startMinute in Gen.Choose(0, 500 * 24 * 60)
        from minutes in Gen.Choose(1, 900)
        select new Case(
            new CalendarDeclaration(
                "some",
                new PolicyText("a.sentinel", ""),
                TimeZoneInfo.FindSystemTimeZoneById(zone),
                [.. hours],
                [.. holidays]
            ),
            monday.AddMinutes(startMinute),
            minutes
        );

    static Gen<WorkingHours> Hours =>
        from day in Gen.Choose(0, 6)
        from begin in Gen.Choose(0, 95)
        from length in Gen.Choose(1, 96)
        select new WorkingHours(
            (DayOfWeek)day,
            TimeSpan.FromMinutes(15 * begin),
            TimeSpan.FromMinutes(15 * Math.Min(96, begin + length))
        );

    static Gen<Holiday> Holidays =>
        from day in Gen.Choose(0, 500)
        from yearly in Gen.Elements(true, false)
        select new Holiday(
            DateOnly.FromDateTime(monday.AddDays(day).UtcDateTime),
            yearly,
            "some holiday"
        );

    sealed record Case(CalendarDeclaration Calendar, DateTimeOffset Start, int Minutes);
}
