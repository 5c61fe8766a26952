using Sentinel.Siem.Correlation;

namespace Sentinel.Siem.Detection;

/// <summary>What became of the records so far, over all files.</summary>
sealed class DetectTally
{
    const int ReasonsMax = 200;

    public long Normalised { get; private set; }
    public long Unparsed { get; private set; }
    public long Duplicates { get; private set; }
    public long Late { get; set; }

    public Dictionary<string, long> Reasons { get; } = new(StringComparer.Ordinal);

    public void Add(FoundEvents found)
    {
        Normalised += found.Events.Length;
        Duplicates += found.Duplicates;
        foreach (var (reason, count) in found.Unparsed)
        {
            Unparsed += count;
            if (Reasons.Count < ReasonsMax || Reasons.ContainsKey(reason))
                Reasons[reason] = Reasons.GetValueOrDefault(reason) + count;
        }
    }
}

/// <summary>
/// One file as matches in the order of their events: what comes out of order within the allowed lateness is
/// put in its place, what comes later than that is counted as late. Independent of every other file. An
/// event that no rule takes has no place to wait for, so it is only counted.
/// </summary>
sealed class FileCursor(FileParts parts, TimeSpan latenessMax, DetectTally tally, Action readOn)
{
    const long JumpTicksMax = TimeSpan.TicksPerDay;

    readonly MatchQueue waiting = new();
    long? ahead;
    long latest = DateTimeOffset.MinValue.UtcTicks;
    bool ended;

    /// <summary>The next match's place, or null at the end; reads on as far as that needs.</summary>
    public EventOrder? Next()
    {
        while (true)
        {
            if (
                waiting.TryPeek(out var order)
                && (ended || latest - order.Time.UtcTicks > latenessMax.Ticks)
            )
                return order;
            if (ended)
                return null;
            readOn();
            ended = !parts.Next(Place);
        }
    }

    public RuleMatch Take() => waiting.Take();

    void Place(FoundEvents found)
    {
        tally.Add(found);
        var before = (ahead, latest);
        var late = 0;
        foreach (var read in found.Events)
            late += IsLate(read) ? 1 : 0;
        if (late == 0 && waiting.TryAdd(found))
            return;
        (ahead, latest) = before;
        tally.Late += late;
        foreach (var read in found.Events)
        {
            var isLate = IsLate(read);
            for (var match = 0; match < read.Matches; match++)
                if (found.Matches.Dequeue() is var taken && !isLate)
                    waiting.Add(taken);
        }
    }

    bool IsLate(in FoundEvent read)
    {
        Hear(read.Ticks, read.LatenessTicks);
        return latest - read.Ticks > read.LatenessTicks;
    }

    // A line far ahead moves the time on when the next one agrees: one wrong clock makes nothing else late.
    void Hear(long ticks, long latenessTicks)
    {
        if (ahead is { } before && ticks >= before - latenessTicks)
            latest = Math.Max(latest, before);
        ahead = null;
        if (ticks - latest > JumpTicksMax)
            ahead = ticks;
        else
            latest = Math.Max(latest, ticks);
    }
}
