using Sentinel.Siem.Correlation;

namespace Sentinel.Siem.Detection;

/// <summary>
/// Matches on their way into the order of their events. Files are mostly in order, so what comes last
/// mostly goes last; only the rest is sorted.
/// </summary>
sealed class MatchQueue
{
    readonly MatchBytes inOrder = new();
    readonly PriorityQueue<RuleMatch, (EventOrder Order, long Place)> behind = new();
    RuleMatch? head;
    EventOrder last;
    long place;

    public void Add(in RuleMatch match)
    {
        var order = match.Event.Order;
        if (head is null || last <= order)
        {
            last = order;
            if (head is null)
                head = match;
            else
                inOrder.Enqueue(match);
            return;
        }
        behind.Enqueue(match, (order, place++));
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
        head = inOrder.Count > 0 ? inOrder.Dequeue() : null;
        return match;
    }

    bool TakesBehind() =>
        behind.Count > 0
        && (head is not { } first || behind.Peek().Event.Order < first.Event.Order);
}
