namespace Sentinel.Siem.Correlation;

/// <summary>Events of one key in their order; cheap to add at the end and to forget at the start.</summary>
sealed class EventWindow
{
    const int SpareMax = 64;

    readonly List<HeldEvent> events = [];
    int first;

    public int Count => events.Count - first;

    public HeldEvent this[int index] => events[first + index];

    public HeldEvent? Last => Count == 0 ? null : events[^1];

    /// <summary>False where it came behind another and was put in its place.</summary>
    public bool Add(HeldEvent held)
    {
        if (Last is not { } last || last.Order <= held.Order)
        {
            events.Add(held);
            return true;
        }
        events.Insert(first + CountBefore(held.Order, inclusive: true), held);
        return false;
    }

    /// <summary>The earliest, taken out.</summary>
    public HeldEvent TakeFirst()
    {
        var held = events[first];
        events[first++] = null!;
        if (first > SpareMax && first * 2 > events.Count)
        {
            events.RemoveRange(0, first);
            first = 0;
        }
        return held;
    }

    /// <summary>How many come before the order, or at it.</summary>
    public int CountBefore(EventOrder order, bool inclusive)
    {
        var (low, high) = (0, Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            var compared = this[middle].Order.CompareTo(order);
            if (compared < 0 || (inclusive && compared == 0))
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    /// <summary>How many have a time at or before this one.</summary>
    public int CountUntil(DateTimeOffset time)
    {
        var (low, high) = (0, Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (this[middle].Time <= time)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    /// <summary>The events from one place to before another, at most so many of the newest.</summary>
    public List<HeldEvent> Slice(int from, int to, int most = int.MaxValue)
    {
        var count = Math.Min(to - from, most);
        return events.GetRange(first + to - count, count);
    }

    public void Save(StateWriter state)
    {
        state.Write(Count);
        for (var i = 0; i < Count; i++)
            this[i].Save(state);
    }

    public void Restore(StateReader state, int slotsCount)
    {
        for (var count = state.ReadInt(); count > 0; count--)
            events.Add(HeldEvent.Restore(state, slotsCount));
    }
}
