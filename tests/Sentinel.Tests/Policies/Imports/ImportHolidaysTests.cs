using Sentinel.Policies;
using Sentinel.Policies.Imports;
using Sentinel.Policies.Model;

namespace Sentinel.Tests.Policies.Imports;

public sealed class ImportHolidaysTests
{
    [Fact]
    public void What_comes_on_the_same_date_every_year_is_one_clause() =>
        Assert.Equal(
            ["holiday every 12-25 \"Christmas Day\""],
            Clauses(Event("20001225", "Christmas Day", "RRULE:FREQ=YEARLY"))
        );

    [Fact]
    public void What_moves_is_written_out_for_the_years_asked_for() =>
        Assert.Equal(
            ["holiday 2027-05-31 \"Spring\"", "holiday 2028-05-29 \"Spring\""],
            Clauses(Event("20200525", "Spring", "RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO"))
        );

    [Fact]
    public void Several_days_are_several_holidays_and_the_end_is_not_one_of_them() =>
        Assert.Equal(
            ["holiday 2027-01-01 \"Closed\"", "holiday 2027-01-02 \"Closed\""],
            Clauses(Event("20261230", "Closed", "DTEND;VALUE=DATE:20270103"))
        );

    [Fact]
    public void A_day_that_was_moved_stands_where_it_was_moved_to() =>
        Assert.Equal(
            ["holiday 2027-06-04 \"Founders\"", "holiday 2028-06-01 \"Founders\""],
            Clauses(
                Event("20260601", "Founders", "RRULE:FREQ=YEARLY"),
                Event("20270604", "Founders", "RECURRENCE-ID;VALUE=DATE:20270601")
            )
        );

    [Fact]
    public void A_year_that_is_excepted_has_none() =>
        Assert.Equal(
            ["holiday 2028-06-01 \"Founders\""],
            Clauses(
                Event("20260601", "Founders", "RRULE:FREQ=YEARLY", "EXDATE;VALUE=DATE:20270601")
            )
        );

    [Fact]
    public void Hours_and_what_is_cancelled_are_left_out_and_named()
    {
        var import = Read(
            Event("20270601", "Off", "STATUS:CANCELLED"),
            "BEGIN:VEVENT\nUID:t\nDTSTART:20270601T090000Z\nSUMMARY:Talk\nEND:VEVENT"
        );

        Assert.Empty(import.Clauses);
        Assert.Equal(
            ["Off: it is cancelled", "Talk: it does not last whole days"],
            import.LeftOut.Order()
        );
    }

    [Fact]
    public void The_clauses_are_those_of_a_calendar()
    {
        var clauses = Clauses(
            Event("20001225", "A \\\"quoted\\\" \\\\ name", "RRULE:FREQ=YEARLY"),
            Event("20270326", "Good Friday")
        );
        var text =
            "calendar office\n  zone utc\n  hours monday to friday from 09:00 to 17:00\n  "
            + string.Join("\n  ", clauses)
            + "\n";
        var loaded = Policy.Load(
            [new PolicyText("office.sentinel", text)],
            EventFields.CreateTable()
        );

        Assert.Equal(
            2,
            Assert.IsType<PolicyLoad.Loaded>(loaded).Policy.Calendars[0].Holidays.Count
        );
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("")]
    [InlineData("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:2026\nEND:VEVENT")]
    public void What_is_none_is_refused_or_left_out_in_a_sentence(string text) =>
        Assert.True(
            ImportHolidays.Run(text, 2027, 2)
                is HolidayImport.Refused { Reason.Length: > 10 }
                    or HolidayImport.ClausesOf { Clauses.Count: 0, LeftOut.Count: 1 }
        );

    [Fact]
    public void A_day_that_never_comes_and_days_without_end_are_refused()
    {
        Assert.IsType<HolidayImport.Refused>(
            Run(Event("20200101", "Never", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"))
        );
        Assert.IsType<HolidayImport.Refused>(
            ImportHolidays.Run(
                File(Event("20200101", "Always", "RRULE:FREQ=DAILY")),
                2027,
                ImportHolidays.YearsMax
            )
        );
    }

    static IReadOnlyList<string> Clauses(params string[] events) => Read(events).Clauses;

    static HolidayImport.ClausesOf Read(params string[] events) =>
        Assert.IsType<HolidayImport.ClausesOf>(Run(events));

    static HolidayImport Run(params string[] events) => ImportHolidays.Run(File(events), 2027, 2);

    static string File(params string[] events) =>
        $"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:test\n{string.Join('\n', events)}\nEND:VCALENDAR\n";

    static string Event(string day, string name, params string[] more) =>
        $"BEGIN:VEVENT\nUID:{name}\nDTSTART;VALUE=DATE:{day}\nSUMMARY:{name}\n"
        + string.Concat(more.Select(line => line + "\n"))
        + "END:VEVENT";
}
