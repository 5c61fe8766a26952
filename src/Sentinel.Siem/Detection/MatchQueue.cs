using Sentinel.Siem.Correlation;

namespace Sentinel.Siem.Detection;

/// <summary>
/// Matches of one file on their way into the order of their events. Files are mostly in order, so a part of
/// one mostly goes last as it is; only the rest is sorted.
/// </summary>
sealed class MatchQueue
{
    readonly Queue<MatchBytes> inOrder = new();
    readonly Stack<MatchBytes> spare = new();
    readonly PriorityQueue<RuleMatch, (EventOrder Order, long Place)> behind = new();
    MatchBytes? open;
    RuleMatch? head;
    long last = long.MinValue;
    long place;

    /// <summary>Takes all that was found, unless some of it belongs before what waits already.</summary>
    public bool TryAdd(FoundEvents found)
    {
        if (found.Matches.Count == 0)
            return true;
        if (!found.AreInOrder || found.Matched.First < last)
            return false;
        Append(found.TakeMatches(spare.TryPop(out var empty) ? empty : new MatchBytes()));
        (open, last) = (null, found.Matched.Last);
        return true;
    }

    /// <summary>One match of the event that was read last.</summary>
    public void Add(in RuleMatch match)
    {
        var order = match.Event.Order;
        // In one file, what is read later comes later where the times are equal.
        if (order.Time.UtcTicks < last)
        {
            behind.Enqueue(match, (order, place++));
            return;
        }
        last = order.Time.UtcTicks;
        if (open is null)
            Append(open = spare.TryPop(out var empty) ? empty : new MatchBytes());
        open.Enqueue(match);
        head ??= TakeInOrder();
    }

    /// <summary>The earliest event's place; false where none waits.</summary>
    public bool TryPeek(out EventOrder order)
    {
        order = default;
        if (head is null && behind.Count == 0)
            return false;
        order = TakesBehind() ? behind.Peek().Event.Order : head!.Value.Event.Order;
        return true;
    }

    public RuleMatch Take()
    {
        if (TakesBehind())
            return behind.Dequeue();
        var match = head!.Value;
        head = TakeInOrder();
        return match;
    }

    void Append(MatchBytes matches)
    {
        inOrder.Enqueue(matches);
        head ??= TakeInOrder();
    }

    RuleMatch? TakeInOrder()
    {
        while (inOrder.TryPeek(out var first))
        {
            if (first.Count > 0)
                return first.Dequeue();
            if (first == open)
                return null;
            spare.Push(inOrder.Dequeue());
        }
        return null;
    }

    bool TakesBehind() =>
        behind.Count > 0
        && (head is not { } first || behind.Peek().Event.Order < first.Event.Order);
}
