using FsCheck;
using FsCheck.Fluent;
using Sentinel.Policies.Model;
using Sentinel.Psa.Sla;

namespace Sentinel.Tests.Psa;

/// <summary>
/// The clocks of a case by brute force: time goes on step by step, by the clock on the wall, and
/// nothing is computed ahead. Entries and times have to be whole steps.
/// </summary>
sealed class SlaWalk
{
    readonly TimeSpan step;
    readonly Queue<SlaEntry> coming;
    readonly HashSet<string> paused = [];
    readonly HashSet<Mark> marks = [];
    SlaEntry inForce;
    DateTimeOffset at;
    bool isResponded;
    bool isResolved;

    public SlaWalk(IEnumerable<SlaEntry> log, TimeSpan step)
    {
        this.step = step;
        coming = new Queue<SlaEntry>(log);
        inForce = coming.Peek();
        at = inForce.At;
    }

    public TimeSpan UsedToRespond { get; private set; }

    public TimeSpan UsedToResolve { get; private set; }

    public IEnumerable<Mark> Marks => marks;

    public sealed record Mark(DateTimeOffset At, int Entry, string Name) : IComparable<Mark>
    {
        public int CompareTo(Mark? other) =>
            (At, Entry, Name).CompareTo((other!.At, other.Entry, other.Name));
    }

    public void GoTo(DateTimeOffset now)
    {
        while (true)
        {
            while (coming.TryPeek(out var entry) && entry.At <= at)
                Apply(coming.Dequeue());
            if (at >= now)
                return;
            Look();
            if (paused.Count == 0 && !isResolved && Works(inForce.Terms!.Working, at))
            {
                UsedToResolve += step;
                if (!isResponded)
                    UsedToRespond += step;
            }
            at += step;
        }
    }

    void Apply(SlaEntry entry)
    {
        if (entry.Terms is not null)
            inForce = entry;
        if (entry.Kind == SlaEntryKind.Paused)
            paused.Add(entry.Cause!);
        if (entry.Kind == SlaEntryKind.Resumed)
            paused.Remove(entry.Cause!);
        isResolved |= entry.Kind == SlaEntryKind.Resolved;
        isResponded |= entry.Kind is SlaEntryKind.Responded or SlaEntryKind.Resolved;
    }

    void Look()
    {
        var terms = inForce.Terms!;
        if (
            !isResolved
            && terms.WarnAtPercent is { } warn
            && UsedToResolve * 100 >= terms.Resolve * warn
        )
            Note("warned", inForce.Sequence);
        if (!isResponded && UsedToRespond >= terms.Respond)
            NoteOnce("response_breached");
        if (!isResolved && UsedToResolve >= terms.Resolve)
            NoteOnce("resolution_breached");
        foreach (var one in terms.Steps)
        {
            var toRespond = one.Of == SlaClockOf.Respond;
            var used = toRespond ? UsedToRespond : UsedToResolve;
            var target = toRespond ? terms.Respond : terms.Resolve;
            if (!(toRespond ? isResponded : isResolved) && used * 100 >= target * one.Percent)
                Note($"{(toRespond ? "respond" : "resolve")} {one.Percent}%", inForce.Sequence);
        }
    }

    void Note(string name, int entry)
    {
        if (!marks.Any(m => m.Name == name && m.Entry == entry))
            marks.Add(new Mark(at, entry, name));
    }

    void NoteOnce(string name)
    {
        if (!marks.Any(m => m.Name == name))
            marks.Add(new Mark(at, inForce.Sequence, name));
    }

    static bool Works(CalendarDeclaration? calendar, DateTimeOffset at)
    {
        if (calendar is null)
            return true;
        var wall = TimeZoneInfo.ConvertTimeFromUtc(at.UtcDateTime, calendar.Zone);
        var day = DateOnly.FromDateTime(wall);
        return calendar.Hours.Any(h =>
                h.Day == wall.DayOfWeek && h.From <= wall.TimeOfDay && wall.TimeOfDay < h.To
            )
            && !calendar.Holidays.Any(h =>
                (h.Date.Month, h.Date.Day) == (day.Month, day.Day)
                && (h.Yearly || h.Date.Year == day.Year)
            );
    }

    /// <summary>One in four counts all the time.</summary>
    public static Gen<CalendarDeclaration?> Calendars =>
        Gen.Frequency((1, Gen.Constant<CalendarDeclaration?>(null)), (3, Drawn));

    static Gen<CalendarDeclaration?> Drawn =>
        from zone in Gen.Elements(
            "Etc/UTC",
            "Europe/Berlin",
            "America/New_York",
            "Asia/Kathmandu",
            "Australia/Lord_Howe",
            "Pacific/Chatham"
        )
        from hours in Gen.Choose(1, 8).SelectMany(n => Hours.ListOf(n))
        from holidays in Gen.Choose(0, 4).SelectMany(n => Holidays.ListOf(n))
        select (CalendarDeclaration?)
            new CalendarDeclaration(
                "drawn",
                new PolicyText("a.sentinel", ""),
                TimeZoneInfo.FindSystemTimeZoneById(zone),
                [.. hours],
                [.. holidays]
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
        from day in Gen.Choose(0, 900)
        from yearly in Gen.Elements(true, false)
        select new Holiday(new DateOnly(2026, 3, 1).AddDays(day), yearly, "some holiday");
}
