using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Correlation;

/// <summary>The one order of events: by time, then by input and the place in it.</summary>
readonly record struct EventOrder(DateTimeOffset Time, string InputKey, long Index, Digest Position)
    : IComparable<EventOrder>
{
    public int CompareTo(EventOrder other)
    {
        var order = Time.UtcTicks.CompareTo(other.Time.UtcTicks);
        if (order == 0)
            order = string.CompareOrdinal(InputKey, other.InputKey);
        if (order == 0)
            order = Index.CompareTo(other.Index);
        return order == 0 ? Position.CompareTo(other.Position) : order;
    }

    public static bool operator <(EventOrder left, EventOrder right) => left.CompareTo(right) < 0;

    public static bool operator >(EventOrder left, EventOrder right) => left.CompareTo(right) > 0;

    public static bool operator <=(EventOrder left, EventOrder right) => left.CompareTo(right) <= 0;

    public static bool operator >=(EventOrder left, EventOrder right) => left.CompareTo(right) >= 0;
}
