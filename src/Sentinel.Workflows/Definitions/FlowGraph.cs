namespace Sentinel.Workflows.Definitions;

/// <summary>
/// One flowchart as it is walked from one start: only what can be reached from there counts, and each
/// connection is either forward, or leads back to the head of a loop.
/// </summary>
sealed class FlowGraph
{
    readonly Dictionary<string, List<FlowConnection>> outbound;
    readonly Dictionary<string, List<FlowConnection>> inbound;
    readonly HashSet<FlowConnection> backward = [];
    readonly Dictionary<string, HashSet<string>> loops = new(StringComparer.Ordinal);

    public FlowGraph(ActivityNode flowchart, string start)
    {
        var connections = flowchart.Connections.Distinct().ToList();
        var bySource = connections.ToLookup(connection => connection.Source);
        Reachable = ReachableFrom(start, bySource, without: null);
        var live = connections.Where(connection => Reachable.Contains(connection.Source)).ToList();
        outbound = Group(live, connection => connection.Source);
        FindBackward(start);
        inbound = Group(live.Where(c => !backward.Contains(c)), connection => connection.Target);
        BadBackward =
        [
            .. backward.Where(c => ReachableFrom(start, bySource, c.Target).Contains(c.Source)),
        ];
        foreach (var connection in backward.Except(BadBackward))
            AddLoop(connection);
    }

    public IReadOnlySet<string> Reachable { get; }

    /// <summary>Connections that lead back to an activity which is not on every path to them.</summary>
    public IReadOnlyList<FlowConnection> BadBackward { get; }

    public IReadOnlyList<FlowConnection> Outbound(string activity) =>
        outbound.GetValueOrDefault(activity) ?? [];

    public IReadOnlyList<FlowConnection> ForwardInbound(string activity) =>
        inbound.GetValueOrDefault(activity) ?? [];

    public bool IsBackward(FlowConnection connection) => backward.Contains(connection);

    /// <summary>The activities of each loop that the connection leaves, innermost or not.</summary>
    public IEnumerable<IReadOnlySet<string>> LoopsLeftBy(FlowConnection connection) =>
        loops.Values.Where(body =>
            body.Contains(connection.Source) && !body.Contains(connection.Target)
        );

    /// <summary>Whether an activity goes round in no loop that the other one is not in.</summary>
    public bool GoesRoundWith(string activity, string other) =>
        loops.Values.All(body => !body.Contains(activity) || body.Contains(other));

    public IReadOnlySet<string> LoopOf(string head) => loops[head];

    /// <summary>Everything that leads to the activity by forward connections.</summary>
    public IReadOnlySet<string> Ancestors(string activity)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var next = new Stack<string>([activity]);
        while (next.TryPop(out var current))
            foreach (var connection in ForwardInbound(current))
                if (found.Add(connection.Source))
                    next.Push(connection.Source);
        return found;
    }

    /// <summary>Designer's habit first: Start, then what is marked, then what nothing leads to.</summary>
    public static string? StartOf(ActivityNode flowchart, string? trigger)
    {
        var children = flowchart.Activities;
        if (children.Count == 0)
            return null;
        var targets = flowchart.Connections.Select(connection => connection.Target).ToHashSet();
        var start =
            children.FirstOrDefault(child => child.Id == trigger)
            ?? children.FirstOrDefault(child => child.Id == flowchart.Start)
            ?? children.FirstOrDefault(child => child.Type == "Elsa.Start")
            ?? children.FirstOrDefault(child => child.CanStart)
            ?? children.FirstOrDefault(child => !targets.Contains(child.Id))
            ?? children[0];
        return start.Id;
    }

    void FindBackward(string start)
    {
        var done = new HashSet<string>(StringComparer.Ordinal);
        var path = new HashSet<string>(StringComparer.Ordinal) { start };
        var stack = new Stack<(string Activity, int Next)>([(start, 0)]);
        while (stack.TryPop(out var frame))
        {
            var connections = Outbound(frame.Activity);
            if (frame.Next == connections.Count)
            {
                path.Remove(frame.Activity);
                done.Add(frame.Activity);
                continue;
            }
            stack.Push((frame.Activity, frame.Next + 1));
            var connection = connections[frame.Next];
            if (path.Contains(connection.Target))
                backward.Add(connection);
            else if (!done.Contains(connection.Target) && path.Add(connection.Target))
                stack.Push((connection.Target, 0));
        }
    }

    void AddLoop(FlowConnection back)
    {
        if (!loops.TryGetValue(back.Target, out var body))
            loops.Add(back.Target, body = new(StringComparer.Ordinal) { back.Target });
        var next = new Stack<string>([back.Source]);
        while (next.TryPop(out var current))
            if (body.Add(current))
                foreach (var connection in outbound.Values.SelectMany(list => list))
                    if (connection.Target == current)
                        next.Push(connection.Source);
    }

    static HashSet<string> ReachableFrom(
        string start,
        ILookup<string, FlowConnection> bySource,
        string? without
    )
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        if (start == without)
            return found;
        found.Add(start);
        var next = new Stack<string>([start]);
        while (next.TryPop(out var current))
            foreach (var connection in bySource[current])
                if (connection.Target != without && found.Add(connection.Target))
                    next.Push(connection.Target);
        return found;
    }

    static Dictionary<string, List<FlowConnection>> Group(
        IEnumerable<FlowConnection> connections,
        Func<FlowConnection, string> key
    ) => connections.GroupBy(key).ToDictionary(group => group.Key, group => group.ToList());
}
