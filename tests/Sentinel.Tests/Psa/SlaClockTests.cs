using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Sentinel.Policies.Model;
using Sentinel.Psa.Sla;
using Sentinel.Tests.Policies;

namespace Sentinel.Tests.Psa;

public sealed class SlaClockTests
{
    static readonly DateTimeOffset monday = new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);
    static readonly Guid ada = new("00000000-0000-7000-8000-000000000001");

    [Property(MaxTest = 80)]
    public Property Every_clock_is_what_walking_through_time_step_by_step_gives() =>
        Prop.ForAll(
            Arb.From(Cases),
            one =>
            {
                var clock = SlaClock.Read(one.Log, one.Now);
                var walk = new SlaWalk(one.Log, one.Step);
                walk.GoTo(one.Now);
                Assert.Equal(walk.Marks.Order(), clock.Marks.Select(Said).Order());
                Assert.Equal(walk.UsedToRespond, clock.Used(SlaClockOf.Respond));
                Assert.Equal(walk.UsedToResolve, clock.Used(SlaClockOf.Resolve));
            }
        );

    [Property(MaxTest = 40)]
    public Property What_comes_next_is_the_next_that_walking_on_gives() =>
        Prop.ForAll(
            Arb.From(Cases),
            one =>
            {
                var clock = SlaClock.Read(one.Log, one.Now);
                var walk = new SlaWalk(one.Log.TakeWhile(e => e.At <= one.Now), one.Step);
                var horizon = one.Now + 8_000 * one.Step;
                walk.GoTo(horizon);
                var later = walk.Marks.Except(clock.Marks.Select(Said)).ToList();
                var next = later.Count == 0 ? (DateTimeOffset?)null : later.Min(mark => mark.At);
                Assert.Equal(next, clock.NextAt < horizon ? clock.NextAt : null);
            }
        );

    [Fact]
    public void What_is_done_at_the_very_last_moment_is_done_in_time()
    {
        var due = monday.AddMinutes(15);
        SlaEntry[] log = [Started(Terms()), At(2, due, SlaEntryKind.Responded)];

        Assert.Empty(SlaClock.Read(log, due.AddHours(1)).Marks);
        Assert.Equal(
            [new SlaMark(1, SlaMark.ResponseBreached, due)],
            SlaClock.Read(log[..1], due.AddTicks(1)).Marks
        );
        Assert.Empty(SlaClock.Read(log[..1], due).Marks);
    }

    [Fact]
    public void A_clock_that_stands_still_is_due_at_no_time_that_anybody_knows()
    {
        SlaEntry[] log =
        [
            Started(Terms()),
            At(2, monday.AddMinutes(5), SlaEntryKind.Paused, "task customer_reply"),
            At(3, monday.AddMinutes(65), SlaEntryKind.Resumed, "task customer_reply"),
        ];

        var paused = SlaClock.Read(log, monday.AddMinutes(30));
        Assert.Null(paused.DueAt(SlaClockOf.Respond));
        Assert.Null(paused.NextAt);
        var resumed = SlaClock.Read(log, monday.AddMinutes(65));
        Assert.Equal(monday.AddMinutes(75), resumed.DueAt(SlaClockOf.Respond));
        Assert.Equal(TimeSpan.FromMinutes(5), resumed.Used(SlaClockOf.Respond));
    }

    [Fact]
    public void A_stricter_policy_is_breached_when_it_comes_and_a_breach_stays()
    {
        SlaEntry[] log =
        [
            Started(Terms()),
            At(2, monday.AddMinutes(10), SlaEntryKind.Changed) with
            {
                Terms = Terms() with { Respond = TimeSpan.FromMinutes(5) },
            },
            At(3, monday.AddMinutes(12), SlaEntryKind.Changed) with
            {
                Terms = Terms() with { Respond = TimeSpan.FromHours(3) },
            },
        ];

        var clock = SlaClock.Read(log, monday.AddHours(3).AddMinutes(30));

        Assert.Equal(
            [new SlaMark(2, SlaMark.ResponseBreached, monday.AddMinutes(10))],
            clock.Marks
        );
    }

    [Fact]
    public void Terms_are_read_as_they_were_written()
    {
        var office = Some.Policy(
            """
            calendar office
              zone "Europe/Berlin"
              hours monday to friday from 09:00 to 17:00
              holiday every 12-25 "Christmas"

            sla one
              respond within 1h, resolve within 8h, warn at 75%, calendar office
              pause when task customer_reply is open
              pause when approval is open
              after 80% of respond notify soc_lead, "on-call@example.org"
              after 120% of resolve queue soc_tier_3
            """
        );
        var terms = SlaTerms.Of(office.Slas[0]);

        Assert.Equal(terms.Write(), SlaTerms.Read(terms.Write()).Write());
        Assert.Equal(
            terms.After(monday, TimeSpan.FromHours(30)),
            SlaTerms.Read(terms.Write()).After(monday, TimeSpan.FromHours(30))
        );
    }

    static SlaWalk.Mark Said(SlaMark mark) => new(mark.At, mark.Entry, mark.Name);

    static SlaEntry Started(SlaTerms terms) =>
        new(1, monday, SlaEntryKind.Started, terms, null, null, ada);

    static SlaEntry At(int sequence, DateTimeOffset at, SlaEntryKind kind, string? cause = null) =>
        new(sequence, at, kind, null, cause, null, ada);

    static SlaTerms Terms() =>
        new(
            "p1",
            TimeSpan.FromMinutes(15),
            TimeSpan.FromHours(4),
            null,
            "always",
            new string('0', 64),
            null
        );

    static Gen<Case> Cases =>
        from seconds in Gen.Elements(1, 60, 60, 60)
        let step = TimeSpan.FromSeconds(seconds)
        from start in Starts
        from terms in Policies(step).ListOf(4)
        from moves in Gen.Choose(0, 12).SelectMany(n => Moves.ListOf(n))
        from rest in Gen.Choose(0, 3_000)
        select CaseOf(step, start, [.. terms], moves, rest);

    static Case CaseOf(
        TimeSpan step,
        DateTimeOffset start,
        SlaTerms[] terms,
        IEnumerable<(SlaEntryKind Kind, int Steps, string Cause)> moves,
        int rest
    )
    {
        List<SlaEntry> log = [new(1, start, SlaEntryKind.Started, terms[0], null, null, ada)];
        var at = start;
        foreach (var (kind, steps, cause) in moves)
        {
            at += steps * step;
            var isPaused = log.FindLast(e => e.Cause == cause)?.Kind == SlaEntryKind.Paused;
            var entry = new SlaEntry(log.Count + 1, at, kind, null, null, null, ada);
            if (kind == SlaEntryKind.Changed)
                log.Add(entry with { Terms = terms[log.Count % terms.Length] });
            else if (kind == SlaEntryKind.Paused)
                log.Add(
                    entry with
                    {
                        Kind = isPaused ? SlaEntryKind.Resumed : SlaEntryKind.Paused,
                        Cause = cause,
                    }
                );
            else if (!log.Exists(e => e.Kind == kind))
                log.Add(entry);
            if (kind == SlaEntryKind.Resolved)
                break;
        }
        return new Case(log, at + rest * step, step);
    }

    // Half of them within a day or two of a change of the clocks somewhere.
    static Gen<DateTimeOffset> Starts =>
        from day in Gen.OneOf(
            Gen.Choose(0, 700),
            Gen.Elements(-241, -240, -234, -51, -30, -29, -23, 110, 125, 131)
        )
        from hour in Gen.Choose(0, 23)
        from second in Gen.Choose(0, 59)
        select monday.AddDays(day).AddHours(hour).AddMinutes(second);

    static Gen<(SlaEntryKind, int, string)> Moves =>
        from kind in Gen.Frequency(
            (8, Gen.Constant(SlaEntryKind.Paused)),
            (3, Gen.Constant(SlaEntryKind.Changed)),
            (1, Gen.Constant(SlaEntryKind.Responded)),
            (1, Gen.Constant(SlaEntryKind.Resolved))
        )
        from steps in Gen.Frequency(
            (1, Gen.Constant(0)),
            (2, Gen.Choose(1, 60)),
            (2, Gen.Choose(1, 1_500))
        )
        from cause in Gen.Elements(SlaEntry.ByPerson, "approval", "task customer_reply")
        select (kind, steps, cause);

    static Gen<SlaTerms> Policies(TimeSpan step) =>
        from respond in Gen.Choose(1, 20)
        from resolve in Gen.Choose(1, 100)
        from warn in Gen.Choose(0, 19)
        from calendar in SlaWalk.Calendars
        from steps in Gen.Choose(0, 3).SelectMany(n => Steps.ListOf(n))
        select new SlaTerms(
            "drawn",
            20 * respond * step,
            20 * resolve * step,
            warn == 0 ? null : 5 * warn,
            calendar?.Name ?? "always",
            new string('0', 64),
            calendar
        )
        {
            Steps = [.. steps],
        };

    static Gen<SlaStep> Steps =>
        from part in Gen.Choose(1, 40)
        from clock in Gen.Elements(SlaClockOf.Respond, SlaClockOf.Resolve)
        select new SlaStep(5 * part, clock, ["soc_lead"], null);

    sealed record Case(IReadOnlyList<SlaEntry> Log, DateTimeOffset Now, TimeSpan Step);
}
