using System.Runtime.InteropServices;
using Sentinel.Siem.Correlation;
using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Detection;

/// <summary>What was found in a part of a file, in the order of its records.</summary>
sealed class FoundEvents
{
    readonly List<FoundEvent> events = [];
    readonly Dictionary<string, long> unparsed = new(StringComparer.Ordinal);

    public ReadOnlySpan<FoundEvent> Events => CollectionsMarshal.AsSpan(events);

    public IReadOnlyDictionary<string, long> Unparsed => unparsed;

    /// <summary>Of all the events, one event after the other.</summary>
    public MatchBytes Matches { get; private set; } = new();

    /// <summary>No event with a match is earlier than one with a match before it.</summary>
    public bool AreInOrder { get; private set; } = true;

    /// <summary>Times of the first and the last event with a match.</summary>
    public (long First, long Last) Matched { get; private set; }

    public long Duplicates { get; set; }

    /// <summary>From where a reader has to go on that looks beyond lines, or null.</summary>
    public RecordPlace? Rest { get; set; }

    /// <param name="matches">How many of the matches, the last that came, are the event's.</param>
    public void Add(DateTimeOffset time, TimeSpan lateness, int matches)
    {
        var ticks = time.UtcTicks;
        events.Add(new FoundEvent(ticks, lateness.Ticks, matches));
        if (matches == 0)
            return;
        if (Matches.Count == matches)
            Matched = (ticks, ticks);
        AreInOrder &= ticks >= Matched.Last;
        Matched = (Matched.First, ticks);
    }

    public void AddUnparsed(string reason) =>
        CollectionsMarshal.GetValueRefOrAddDefault(unparsed, reason, out _)++;

    /// <summary>The matches as they are, for an empty queue of them.</summary>
    public MatchBytes TakeMatches(MatchBytes empty)
    {
        var taken = Matches;
        Matches = empty;
        return taken;
    }

    public void Clear()
    {
        events.Clear();
        unparsed.Clear();
        Matches.Clear();
        (Duplicates, Rest, AreInOrder) = (0, null, true);
    }
}

/// <param name="Matches">How many of the matches are the event's.</param>
readonly record struct FoundEvent(long Ticks, long LatenessTicks, int Matches);
