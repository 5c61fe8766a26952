using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Correlation;

/// <summary>The one order of events: by time, then by input and the place in it.</summary>
/// <param name="Rank">0 for events; for hits, which come behind the event that completed them, from 1.</param>
readonly record struct EventOrder(
    DateTimeOffset Time,
    string InputKey,
    long Index,
    RecordPositions Positions,
    int Rank = 0
) : IComparable<EventOrder>
{
    public Digest Position => Positions.Of(Index);

    public int CompareTo(EventOrder other)
    {
        var order = Time.UtcTicks.CompareTo(other.Time.UtcTicks);
        if (order == 0)
            order = string.CompareOrdinal(InputKey, other.InputKey);
        if (order == 0)
            order = Index.CompareTo(other.Index);
        if (order == 0)
            order = Rank.CompareTo(other.Rank);
        // Two of one index are of one input where the positions are the same, and need no look.
        return order == 0 && !ReferenceEquals(Positions, other.Positions)
            ? Position.CompareTo(other.Position)
            : order;
    }

    public bool Equals(EventOrder other) => CompareTo(other) == 0;

    public override int GetHashCode() => HashCode.Combine(Time, InputKey, Index);

    public void Save(StateWriter state)
    {
        state.Write(Time);
        state.Write(InputKey);
        state.Write(Index);
        state.Write(Position);
        state.Write(Rank);
    }

    public static EventOrder Restore(StateReader state) =>
        new(
            state.ReadTime(),
            state.ReadText(),
            state.ReadLong(),
            new KnownPosition(state.ReadDigest()),
            state.ReadInt()
        );

    public static bool operator <(EventOrder left, EventOrder right) => left.CompareTo(right) < 0;

    public static bool operator >(EventOrder left, EventOrder right) => left.CompareTo(right) > 0;

    public static bool operator <=(EventOrder left, EventOrder right) => left.CompareTo(right) <= 0;

    public static bool operator >=(EventOrder left, EventOrder right) => left.CompareTo(right) >= 0;
}
