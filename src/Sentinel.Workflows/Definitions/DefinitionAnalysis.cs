using System.Text.Json;
using System.Text.RegularExpressions;

namespace Sentinel.Workflows.Definitions;

/// <summary>
/// What would run, and still is not what anybody meant: found before publication, from the drawing alone.
/// Each report is certain; what depends on values is left to the workflow's tests.
/// </summary>
sealed partial class DefinitionAnalysis(
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
            if (node.Type == BuiltInActivities.While)
                CheckWhile(node);
            if (
                node.CanStart
                && node.Type
                    is BuiltInActivities.Timer
                        or BuiltInActivities.StartAt
                        or BuiltInActivities.Cron
            )
                Report(
                    "WFL047",
                    node,
                    "No time starts a workflow: it begins with a case, an event or a person. Take 'canStartWorkflow' ('Trigger workflow') off it, and it waits there."
                );
        }
        foreach (var trigger in definition.Triggers)
            CheckTrigger(trigger);
        return problems;
    }

    /// <summary>It holds for ever, and nothing in it leaves.</summary>
    void CheckWhile(ActivityNode loop)
    {
        if (
            loop.Input("condition")
                is WorkflowExpression.Literal { Value.ValueKind: JsonValueKind.True }
            && !loop.WithDescendants().Any(node => Ends(node))
        )
            Report(
                "WFL044",
                loop,
                "Its condition always holds, and nothing in it leaves it: add an Elsa.Break."
            );
    }

    /// <summary>Designers mark the first event that is drawn by themselves, wherever it stands.</summary>
    void CheckTrigger(ActivityNode trigger)
    {
        if (trigger.Input("eventName") is not WorkflowExpression.Literal)
            Report(
                "WFL046",
                trigger,
                "Its event starts the workflow, before there is anything to compute its name from: write the name as it is."
            );
        var flowchart = definition.Root.Activities.Single(one => one.Activities.Contains(trigger));
        if (
            FlowGraph.StartOf(flowchart, null) is { } usual
            && usual != trigger.Id
            && definition.GraphOf(flowchart, usual).Reachable.Contains(trigger.Id)
        )
            Report(
                "WFL048",
                trigger,
                $"It is marked to start the workflow, and '{usual}' leads to it: whenever its event happens, another instance would begin in the middle. Take 'canStartWorkflow' ('Trigger workflow') off it."
            );
    }

    static bool Ends(ActivityNode node) =>
        node.Type is BuiltInActivities.Break or BuiltInActivities.Finish or BuiltInActivities.Fault;

    void Examine(ActivityNode flowchart)
    {
        if (FlowGraph.StartOf(flowchart, null) is not { } usual)
            return;
        string[] starts =
        [
            usual,
            .. flowchart
                .Activities.Where(child => child.CanStart && child.Id != usual)
                .Select(child => child.Id),
        ];
        var reached = starts
            .SelectMany(from => definition.GraphOf(flowchart, from).Reachable)
            .ToHashSet(StringComparer.Ordinal);
        // What is marked to start it comes before what nothing leads to, wherever it stands.
        var marked = definition.Nodes[usual]
            is { CanStart: true, Type: not BuiltInActivities.Start }
            ? $" from '{usual}', which is marked to start the workflow"
            : "";
        foreach (var node in flowchart.Activities.Where(child => !reached.Contains(child.Id)))
            Report("WFL040", node, $"Nothing leads here{marked}: connect it, or remove it.");
        var ways = flowchart.Connections.Distinct().ToLookup(connection => connection.Source);
        foreach (var node in flowchart.Activities.Where(child => reached.Contains(child.Id)))
        {
            CheckPorts(node, ways[node.Id]);
            CheckDeadline(node, ways[node.Id]);
            if (node.Type == BuiltInActivities.Join)
                CheckJoin(flowchart, node, starts);
            if (activities.GetValueOrDefault(node.Type)?.Decider is { } decider)
                CheckDecider(flowchart, node, decider, ways);
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
            && !(limit is WorkflowExpression.Literal given && Values.AsText(given.Value) == "")
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
    void CheckJoin(ActivityNode flowchart, ActivityNode join, string[] starts)
    {
        if (Mode(join, "WaitAny") != "WaitAll")
            return;
        var reasons = starts
            .Where(start => definition.GraphOf(flowchart, start).Reachable.Contains(join.Id))
            .Select(start => WhyNever(flowchart, join, start))
            .ToList();
        if (reasons is [{ } reason, ..] && !reasons.Contains(null))
            Report("WFL043", join, reason);
    }

    /// <summary>Why the join cannot fire from that start; null where it may.</summary>
    string? WhyNever(ActivityNode flowchart, ActivityNode join, string start)
    {
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
                if (one is not null && other is not null && !one.Overlaps(other))
                    return $"It waits for '{first.Source}' by {first.SourcePort} and '{second.Source}' by {second.SourcePort}, and '{choice.Id}' goes only one of these ways: use the mode WaitAny or WaitAllActive.";
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
        return null;
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
        node.Type == BuiltInActivities.End
        || Ends(node)
        || ways.Any(way => !body.Contains(way.Target))
        || Ports(node) is not { } ports
        || (IsExclusive(node) && ports.Any(port => ways.All(way => way.SourcePort != port)));

    /// <summary>Nobody decides about what they did before.</summary>
    void CheckDecider(
        ActivityNode flowchart,
        ActivityNode node,
        string input,
        ILookup<string, FlowConnection> ways
    )
    {
        if (Said(node, input) is not { } decider)
            return;
        foreach (var other in flowchart.Activities)
            if (
                Behind(ways, ways[other.Id]).Contains(node.Id)
                && activities.GetValueOrDefault(other.Type)?.Worker is { } worker
                && Said(other, worker) == decider
            )
                Report(
                    "WFL045",
                    node,
                    $"It asks the one who does the work of '{other.Id}', and nobody approves their own work: ask somebody else, or leave '{input}' empty."
                );
    }

    /// <summary>Who is named, where that is the same during the whole run: a text, or an input; else null.</summary>
    static string? Said(ActivityNode node, string input) =>
        node.Input(input) switch
        {
            WorkflowExpression.Literal literal when Values.AsText(literal.Value).Length > 0 =>
                $"text {Values.AsText(literal.Value)}",
            WorkflowExpression.InputReference reference => $"input {reference.Name}",
            WorkflowExpression.JavaScript script
                when JustAnInput().Match(script.Text) is { Success: true } read =>
                $"input {read.Groups["name"].Value}",
            _ => null,
        };

    [GeneratedRegex("""^\s*getInput\(\s*(?<quote>['"`])(?<name>\w+)\k<quote>\s*\)\s*;?\s*$""")]
    private static partial Regex JustAnInput();

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
            _ => activities.GetValueOrDefault(node.Type) is { Outcomes.Count: > 0 } known
                ? [.. known.Outcomes.Where(port => port != ClosedPort(node, known.Switch))]
                : null,
        };

    /// <summary>The port that an input closes; null where only a run decides it.</summary>
    static string? ClosedPort(ActivityNode node, ActivitySwitch? choice) =>
        choice is null
            ? null
            : node.Input(choice.Input) switch
            {
                null => choice.On,
                // As it is read when it runs: also from a text, or a number.
                WorkflowExpression.Literal given => Values.AsBoolean(given.Value)
                    ? choice.Off
                    : choice.On,
                _ => null,
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
