using Sentinel.Workflows.Definitions;

namespace Sentinel.Workflows.Execution;

/// <summary>
/// Elsa's counter-based flowchart: a connection that is left behind is visited too, as not followed,
/// and a dead path passes its death on.
/// </summary>
sealed class FlowchartWalk
{
    readonly Burst burst;
    readonly ActivityExecution flowchart;
    readonly FlowScope scope;
    readonly FlowGraph graph;
    readonly HashSet<string> joining = [];

    public FlowchartWalk(Burst burst, ActivityExecution flowchart)
    {
        this.burst = burst;
        this.flowchart = flowchart;
        scope = flowchart.Scope!;
        var node = burst.Definition.Nodes[flowchart.ActivityId];
        graph = burst.Definition.GraphOf(node, flowchart.Start!);
    }

    /// <summary>The activity completed with these outcomes: what is due now?</summary>
    public void Leave(ActivityExecution completed, IReadOnlyList<string> outcomes)
    {
        Leave(completed.ActivityId, outcomes, completed.ViaBackward);
        ReleaseDeferred();
    }

    /// <summary>The join runs: branches that still wait have lost.</summary>
    public void Joined(ActivityExecution join)
    {
        if (ModeOf(join.ActivityId) == "WaitAny")
        {
            CancelAncestors(join.ActivityId);
            ReleaseDeferred();
        }
    }

    void Leave(string activity, IReadOnlyList<string> outcomes, bool viaBackward)
    {
        if (!viaBackward)
            scope.ActivityVisits[activity] = ActivityVisits(activity) + 1;
        var outbound = graph.Outbound(activity);
        foreach (var connection in outbound.Where(IsDeadExit))
            scope.Deferred.Add(connection.Key);
        foreach (var connection in outbound.Where(connection => !IsDeadExit(connection)))
            if (!graph.IsBackward(connection))
                Visit(connection, outcomes.Contains(connection.SourcePort));
            else if (outcomes.Contains(connection.SourcePort))
                GoBack(connection);

        bool IsDeadExit(FlowConnection connection) =>
            !graph.IsBackward(connection)
            && !outcomes.Contains(connection.SourcePort)
            && graph.LoopsLeftBy(connection).Any();
    }

    /// <summary>The loop goes round again: what was not taken this time may be taken next time.</summary>
    void GoBack(FlowConnection connection)
    {
        burst.Schedule(connection.Target, flowchart, viaBackward: true);
        var loop = graph.LoopOf(connection.Target);
        scope.Deferred.RemoveAll(key => graph.LoopsLeftBy(Find(key)).Contains(loop));
    }

    void Visit(FlowConnection connection, bool followed)
    {
        var visits = scope.ConnectionVisits.TryGetValue(connection.Key, out var found)
            ? found
            : scope.ConnectionVisits[connection.Key] = new ConnectionVisits();
        visits.Count++;
        scope.Deferred.Remove(connection.Key);
        visits.Followed = followed;
        var target = connection.Target;
        if (burst.Definition.Nodes[target].Type != BuiltInActivities.Join)
            Merge(target, any: true);
        else
            switch (ModeOf(target))
            {
                case "WaitAny":
                    JoinFirst(connection);
                    break;
                case "WaitAll":
                    Merge(target, any: false);
                    break;
                default:
                    Merge(target, any: true);
                    break;
            }
    }

    void Merge(string target, bool any)
    {
        var inbound = graph.ForwardInbound(target);
        if (!inbound.All(IsNew))
            return;
        if (any ? inbound.Any(IsFollowed) : inbound.All(IsFollowed))
            burst.Schedule(target, flowchart);
        else
            Leave(target, [], viaBackward: false);
    }

    void JoinFirst(FlowConnection connection)
    {
        var target = connection.Target;
        if (!IsNew(connection) || IsActive(target) || joining.Contains(target))
            return;
        var inbound = graph.ForwardInbound(target);
        if (inbound.Any(item => IsNew(item) && IsFollowed(item)))
        {
            joining.Add(target);
            CancelAncestors(target);
            joining.Remove(target);
            burst.Schedule(target, flowchart);
        }
        else if (inbound.All(IsNew))
            Leave(target, [], viaBackward: false);
    }

    void CancelAncestors(string join)
    {
        var ancestors = graph.Ancestors(join);
        var losers = burst.State.Executions.FindAll(execution =>
            execution.Parent == flowchart.Number && ancestors.Contains(execution.ActivityId)
        );
        foreach (var loser in losers.Where(loser => loser.Status != ExecutionStatus.Faulted))
        {
            burst.Cancel(loser);
            Leave(loser.ActivityId, [], loser.ViaBackward);
        }
    }

    /// <summary>A loop that is at rest will not go round again: its unused exits are dead now.</summary>
    void ReleaseDeferred()
    {
        while (
            scope.Deferred.Find(key =>
                graph.LoopsLeftBy(Find(key)).All(loop => !loop.Any(IsActive))
            )
                is { } key
        )
        {
            scope.Deferred.Remove(key);
            Visit(Find(key), followed: false);
        }
    }

    string ModeOf(string join)
    {
        var node = burst.Definition.Nodes[join];
        var mode = Values.AsText(burst.Evaluator.Input(node, "mode", WorkflowType.Text, flowchart));
        return mode.Length == 0 ? "WaitAny"
            : BuiltInActivities.JoinModes.Contains(mode) ? mode
            : throw new WorkflowFaultException(
                "Failed to evaluate activity input 'Mode'",
                $"'{mode}' is no mode of a join."
            );
    }

    bool IsActive(string activity) =>
        burst.State.Queue.Exists(item =>
            item.Parent == flowchart.Number && item.ActivityId == activity
        )
        || burst.State.Executions.Exists(execution =>
            execution.Parent == flowchart.Number
            && execution.ActivityId == activity
            && execution.Status != ExecutionStatus.Faulted
        );

    bool IsNew(FlowConnection connection) =>
        scope.ConnectionVisits.TryGetValue(connection.Key, out var visits)
        && visits.Count > ActivityVisits(connection.Target);

    bool IsFollowed(FlowConnection connection) => scope.ConnectionVisits[connection.Key].Followed;

    int ActivityVisits(string activity) => scope.ActivityVisits.GetValueOrDefault(activity);

    FlowConnection Find(string key) =>
        burst
            .Definition.Nodes[flowchart.ActivityId]
            .Connections.First(connection => connection.Key == key);
}
