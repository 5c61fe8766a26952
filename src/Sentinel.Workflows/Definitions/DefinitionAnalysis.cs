namespace Sentinel.Workflows.Definitions;

/// <summary>
/// What would run, and still is not what anybody meant: found before publication, from the drawing alone.
/// Each report is certain; what depends on values is left to the workflow's tests.
/// </summary>
sealed class DefinitionAnalysis(
    WorkflowDefinition definition,
    IReadOnlyDictionary<string, ActivityDescription> activities
)
{
    readonly List<WorkflowProblem> problems = [];

    public IReadOnlyList<WorkflowProblem> Run()
    {
        foreach (var node in definition.Nodes.Values)
        {
            if (node.Type == BuiltInActivities.Flowchart)
                Examine(node);
            if (activities.GetValueOrDefault(node.Type)?.Decider is { } decider)
                CheckDecider(node, decider);
        }
        return problems;
    }

    void Examine(ActivityNode flowchart)
    {
        if (FlowGraph.StartOf(flowchart, null) is not { } start)
            return;
        string[] starts =
        [
            start,
            .. flowchart.Activities.Where(child => child.CanStart).Select(child => child.Id),
        ];
        var reached = starts
            .Distinct()
            .SelectMany(from => definition.GraphOf(flowchart, from).Reachable)
            .ToHashSet(StringComparer.Ordinal);
        foreach (var node in flowchart.Activities.Where(child => !reached.Contains(child.Id)))
            Report("WFL040", node, "Nothing leads here: connect it, or remove it.");
        var ways = flowchart.Connections.Distinct().ToLookup(connection => connection.Source);
        foreach (var node in flowchart.Activities.Where(child => reached.Contains(child.Id)))
        {
            CheckPorts(node, ways[node.Id]);
            CheckDeadline(node, ways[node.Id]);
            if (node.Type == BuiltInActivities.Join)
                CheckJoin(flowchart, node, start);
        }
        CheckLoops(flowchart, ways, reached);
    }

    void CheckPorts(ActivityNode node, IEnumerable<FlowConnection> ways)
    {
        if (Ports(node) is not { } ports)
            return;
        foreach (var way in ways.DistinctBy(way => way.SourcePort))
            if (!ports.Contains(way.SourcePort))
                Report(
                    "WFL041",
                    node,
                    $"It never leaves by '{way.SourcePort}', from where a connection leads to '{way.Target}': use {string.Join(", ", ports)}."
                );
    }

    void CheckDeadline(ActivityNode node, IEnumerable<FlowConnection> ways)
    {
        if (
            activities.GetValueOrDefault(node.Type)?.Deadline is { } deadline
            && node.Input(deadline.Input) is { } limit
            && limit
                is not WorkflowExpression.Literal
                {
                    Value.ValueKind: System.Text.Json.JsonValueKind.Null
                }
            && ways.ToList() is { Count: > 0 } drawn
            && drawn.All(way => way.SourcePort != deadline.Outcome)
        )
            Report(
                "WFL042",
                node,
                $"Its '{deadline.Input}' lets it leave by '{deadline.Outcome}', and nothing is drawn from there: connect that port, or empty the input."
            );
    }

    /// <summary>Two branches that no round follows both cannot be waited for together.</summary>
    void CheckJoin(ActivityNode flowchart, ActivityNode join, string start)
    {
        if (Mode(join, "WaitAny") != "WaitAll")
            return;
        var graph = definition.GraphOf(flowchart, start);
        var inbound = graph.ForwardInbound(join.Id);
        var ways = flowchart
            .Connections.Distinct()
            .Where(way => !graph.IsBackward(way))
            .ToLookup(way => way.Source);
        foreach (var choice in flowchart.Activities.Where(IsExclusive))
        {
            if (!graph.GoesRoundWith(choice.Id, join.Id))
                continue;
            var without = Behind(ways, [new(start, "", start, "")], choice.Id);
            foreach (var (first, second) in Pairs(inbound))
            {
                var (one, other) = (PortsTo(first), PortsTo(second));
                if (one is null || other is null || one.Overlaps(other))
                    continue;
                Report(
                    "WFL043",
                    join,
                    $"It waits for '{first.Source}' by {first.SourcePort} and '{second.Source}' by {second.SourcePort}, and '{choice.Id}' goes only one of these ways: use the mode WaitAny or WaitAllActive."
                );
                return;
            }

            // By which ports of the choice a connection can be followed; null: also without it.
            HashSet<string>? PortsTo(FlowConnection end) =>
                end.Source == choice.Id ? [end.SourcePort]
                : without.Contains(end.Source) ? null
                :
                [
                    .. ways[choice.Id]
                        .Where(way => Behind(ways, [way]).Contains(end.Source))
                        .Select(way => way.SourcePort),
                ];
        }
    }

    void CheckLoops(
        ActivityNode flowchart,
        ILookup<string, FlowConnection> ways,
        IReadOnlySet<string> reached
    )
    {
        var onward = flowchart.Activities.ToDictionary(
            node => node.Id,
            node => Behind(ways, ways[node.Id]),
            StringComparer.Ordinal
        );
        var told = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in flowchart.Activities.Where(child => reached.Contains(child.Id)))
        {
            if (!onward[node.Id].Contains(node.Id) || told.Contains(node.Id))
                continue;
            var body = onward[node.Id]
                .Where(id => onward.TryGetValue(id, out var on) && on.Contains(node.Id))
                .ToHashSet(StringComparer.Ordinal);
            told.UnionWith(body);
            if (!body.Any(id => Leaves(definition.Nodes[id], ways[id].ToList(), body)))
                Report(
                    "WFL044",
                    node,
                    $"The loop {string.Join(", ", body.Order(StringComparer.Ordinal))} has no exit: lead a connection out of it."
                );
        }
    }

    bool Leaves(ActivityNode node, List<FlowConnection> ways, HashSet<string> body) =>
        node.Type is BuiltInActivities.End or BuiltInActivities.Finish or BuiltInActivities.Fault
        || ways.Any(way => !body.Contains(way.Target))
        || Ports(node) is not { } ports
        || (IsExclusive(node) && ports.Any(port => ways.All(way => way.SourcePort != port)));

    /// <summary>Nobody decides about what they did themselves.</summary>
    void CheckDecider(ActivityNode node, string input)
    {
        if (Said(node, input) is not { } decider)
            return;
        foreach (var other in definition.Nodes.Values)
            if (
                activities.GetValueOrDefault(other.Type)?.Worker is { } worker
                && Said(other, worker) == decider
            )
                Report(
                    "WFL045",
                    node,
                    $"It asks the one who does the work of '{other.Id}', and nobody approves their own work: ask somebody else, or leave '{input}' empty."
                );
    }

    /// <summary>The expression as it is written: two that read the same give the same.</summary>
    static string? Said(ActivityNode node, string input) =>
        node.Input(input) switch
        {
            WorkflowExpression.Literal literal when Values.AsText(literal.Value).Length > 0 =>
                $"literal {Values.AsText(literal.Value)}",
            WorkflowExpression.JavaScript script => $"script {script.Text.Trim()}",
            WorkflowExpression.VariableReference variable => $"variable {variable.Id}",
            _ => null,
        };

    /// <summary>The ports that it can leave by; null where that depends on values.</summary>
    IReadOnlyCollection<string>? Ports(ActivityNode node) =>
        node.Type switch
        {
            BuiltInActivities.Switch =>
            [
                .. SwitchCase.Of(node).Select(item => item.Label),
                "Default",
            ],
            BuiltInActivities.Fork or BuiltInActivities.Sequence or BuiltInActivities.Flowchart =>
                null,
            _ => activities.GetValueOrDefault(node.Type)?.Outcomes is { Count: > 0 } ports
                ? ports
                : null,
        };

    static bool IsExclusive(ActivityNode node) =>
        node.Type switch
        {
            BuiltInActivities.Fork => false,
            BuiltInActivities.Switch => Mode(node, "MatchFirst") == "MatchFirst",
            _ => true,
        };

    /// <summary>Null where only a run decides it.</summary>
    static string? Mode(ActivityNode node, string usual) =>
        node.Input("mode") switch
        {
            null => usual,
            WorkflowExpression.Literal literal => Values.AsText(literal.Value)
                is { Length: > 0 } mode
                ? mode
                : usual,
            _ => null,
        };

    static HashSet<string> Behind(
        ILookup<string, FlowConnection> ways,
        IEnumerable<FlowConnection> from,
        string? without = null
    )
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var next = new Stack<FlowConnection>(from);
        while (next.TryPop(out var way))
            if (way.Target != without && found.Add(way.Target))
                foreach (var on in ways[way.Target])
                    next.Push(on);
        return found;
    }

    static IEnumerable<(FlowConnection, FlowConnection)> Pairs(IReadOnlyList<FlowConnection> all) =>
        all.SelectMany(
            (first, position) => all.Skip(position + 1).Select(second => (first, second))
        );

    void Report(string code, ActivityNode node, string message) =>
        problems.Add(new WorkflowProblem(code, node.Id, message));
}
