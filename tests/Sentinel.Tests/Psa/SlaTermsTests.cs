using Sentinel.Policies.Model;
using Sentinel.Psa.Sla;

namespace Sentinel.Tests.Psa;

public sealed class SlaTermsTests
{
    static readonly DateTimeOffset friday = new(2026, 11, 27, 15, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Without_a_calendar_a_clock_counts_all_the_time()
    {
        var terms = Terms(working: null);

        Assert.Equal(friday.AddHours(4), terms.After(friday, terms.Respond));
        Assert.Equal(friday.AddHours(40), terms.After(friday, terms.Resolve));
    }

    [Fact]
    public void With_one_it_stands_still_while_nobody_works()
    {
        var office = new CalendarDeclaration(
            "office",
            new PolicyText("sla.sentinel", ""),
            TimeZoneInfo.Utc,
            [
                .. Enumerable
                    .Range((int)DayOfWeek.Monday, 5)
                    .Select(day => new WorkingHours(
                        (DayOfWeek)day,
                        TimeSpan.FromHours(9),
                        TimeSpan.FromHours(17)
                    )),
            ],
            []
        );

        var terms = Terms(office);

        var nextMonday = friday.Date.AddDays(3);
        Assert.Equal(nextMonday.AddHours(11), terms.After(friday, terms.Respond)?.UtcDateTime);
        Assert.Equal(
            nextMonday.AddDays(4).AddHours(15),
            terms.After(friday, terms.Resolve)?.UtcDateTime
        );
    }

    static SlaTerms Terms(CalendarDeclaration? working) =>
        new(
            "p3",
            TimeSpan.FromHours(4),
            TimeSpan.FromHours(40),
            WarnAtPercent: 50,
            working?.Name ?? "always",
            new string('0', 64),
            working
        );
}
