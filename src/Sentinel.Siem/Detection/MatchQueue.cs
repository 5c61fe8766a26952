using Sentinel.Siem.Correlation;

namespace Sentinel.Siem.Detection;

/// <summary>
/// Matches on their way into the order of their events. Files are mostly in order, so what comes last
/// mostly goes last; only the rest is sorted.
/// </summary>
sealed class MatchQueue
{
    readonly Queue<RuleMatch> inOrder = new();
    readonly PriorityQueue<RuleMatch, (EventOrder Order, long Place)> behind = new();
    EventOrder last;
    long place;

    public void Add(in RuleMatch match)
    {
        var order = match.Event.Order;
        if (inOrder.Count == 0 || last <= order)
        {
            inOrder.Enqueue(match);
            last = order;
            return;
        }
        behind.Enqueue(match, (order, place++));
    }

    /// <summary>The earliest event's place; false where none waits.</summary>
    public bool TryPeek(out EventOrder order)
    {
        order = default;
        if (inOrder.Count + behind.Count == 0)
            return false;
        order = TakesBehind() ? behind.Peek().Event.Order : inOrder.Peek().Event.Order;
        return true;
    }

    public RuleMatch Take() => TakesBehind() ? behind.Dequeue() : inOrder.Dequeue();

    bool TakesBehind() =>
        behind.Count > 0
        && (inOrder.Count == 0 || behind.Peek().Event.Order < inOrder.Peek().Event.Order);
}
