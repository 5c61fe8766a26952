using System.Text.Json;
using Sentinel.Workflows.Definitions;

namespace Sentinel.Workflows.Execution;

/// <summary>
/// From one version of a drawing to another, in the middle of it. An instance may move where what it has begun
/// and what it has passed stand in the new drawing as they did in the old one: then it is where it would be if
/// it had been started there, and only what lies before it differs.
/// </summary>
sealed class VersionMove
{
    readonly WorkflowDefinition from;
    readonly WorkflowDefinition to;
    readonly InstanceState state;
    readonly SortedSet<string> obstacles = new(StringComparer.Ordinal);

    VersionMove(WorkflowDefinition from, WorkflowDefinition to, InstanceState state)
    {
        this.from = from;
        this.to = to;
        this.state = state;
    }

    /// <summary>Every reason why it cannot, each a sentence; none: it can.</summary>
    public static IReadOnlyCollection<string> Obstacles(
        WorkflowDefinition from,
        WorkflowDefinition to,
        InstanceState state
    )
    {
        var move = new VersionMove(from, to, state);
        foreach (var execution in state.Executions)
            move.CheckBegun(execution.ActivityId, execution.Parent);
        foreach (var item in state.Queue)
            move.CheckBegun(item.ActivityId, item.Parent);
        foreach (var flowchart in state.Executions)
            if (flowchart.Scope is { } scope)
                move.CheckPassed(flowchart, scope);
        foreach (var (id, rounds) in state.Rounds)
            if (rounds > state.Executions.Count(execution => execution.ActivityId == id))
                move.CheckInside(from.Nodes[id]);
        foreach (var (id, value) in state.Variables)
            if (to.VariablesById.GetValueOrDefault(id) is { } variable)
                move.CheckVariable(variable, value);
        return move.obstacles;
    }

    /// <summary>What it keeps in the new version, which has no obstacles for it, and the row that says so.</summary>
    public static (InstanceState State, JournalRow Row) Of(
        WorkflowDefinition from,
        WorkflowDefinition to,
        InstanceState state,
        string message
    )
    {
        var moved = state.Copy();
        moved.Variables = moved
            .Variables.Where(one =>
                to.VariablesById.ContainsKey(one.Key) || !from.VariablesById.ContainsKey(one.Key)
            )
            .ToDictionary(
                one => one.Key,
                one =>
                    to.VariablesById.TryGetValue(one.Key, out var variable)
                        ? Values.Convert(one.Value, variable.Type)
                        : one.Value
            );
        var row = new JournalRow(
            ++moved.LastRow,
            WorkflowDefinition.RootId,
            JournalEvent.Migrated,
            1,
            null,
            message,
            null
        );
        return (moved, row);
    }

    void CheckBegun(string id, int parent)
    {
        if (!to.Nodes.TryGetValue(id, out var there))
        {
            obstacles.Add($"It is at '{id}', which the new version has not.");
            return;
        }
        var here = from.Nodes[id];
        if (there.Type != here.Type)
            obstacles.Add($"It is at '{id}', which is {here.Type} and would be {there.Type}.");
        if (
            state.Find(parent) is not { } container
            || !to.Nodes.TryGetValue(container.ActivityId, out var around)
        )
            return;
        if (around.Activities.All(inner => inner.Id != id))
            obstacles.Add(
                $"It is at '{id}', which stands in '{container.ActivityId}' and would stand elsewhere."
            );
        else if (!PlaceIn(around, id).SequenceEqual(PlaceIn(from.Nodes[container.ActivityId], id)))
            obstacles.Add(
                $"It is at '{id}', which has another place in '{container.ActivityId}' now."
            );
    }

    /// <summary>The port at which it stands; of a sequence, what comes before it.</summary>
    static IEnumerable<string> PlaceIn(ActivityNode container, string id) =>
        container.Type == BuiltInActivities.Sequence
            ? Ids(container).TakeWhile(inner => inner != id)
            : container.Embedded.Where(port => port.Value == id).Select(port => port.Key);

    /// <summary>Of what was done as a whole, what stands in it did as it was drawn then.</summary>
    void CheckInside(ActivityNode done)
    {
        if (to.Nodes.TryGetValue(done.Id, out var there) && !HoldsTheSame(done, there))
            obstacles.Add(
                $"It has been through '{done.Id}', the inside of which is drawn otherwise now."
            );
    }

    static bool HoldsTheSame(ActivityNode here, ActivityNode there)
    {
        var (inside, insideThere) = (Ids(here), Ids(there));
        return Same(here.Connections, there.Connections)
            && here.Embedded.ToHashSet().SetEquals(there.Embedded)
            && (
                here.Type == BuiltInActivities.Sequence
                    ? inside.SequenceEqual(insideThere)
                    : inside.ToHashSet().SetEquals(insideThere)
            );
    }

    static IEnumerable<string> Ids(ActivityNode container) =>
        container.Activities.Select(inner => inner.Id);

    /// <summary>Connections are counted: those into what has begun, and out of what was left, stay as they are.</summary>
    void CheckPassed(ActivityExecution flowchart, FlowScope scope)
    {
        if (
            flowchart.Start is not { } start
            || !to.Nodes.TryGetValue(flowchart.ActivityId, out var there)
            || there.Type != BuiltInActivities.Flowchart
        )
            return;
        if (FlowGraph.StartOf(there, state.TriggerActivityId) != start)
        {
            obstacles.Add($"It began at '{start}', and the new version begins elsewhere.");
            return;
        }
        var old = from.GraphOf(from.Nodes[flowchart.ActivityId], start);
        var next = to.GraphOf(there, start);
        var left = scope.ActivityVisits.Keys.ToHashSet(StringComparer.Ordinal);
        var begun = left.Concat(
                state
                    .Executions.Where(execution => execution.Parent == flowchart.Number)
                    .Select(execution => execution.ActivityId)
            )
            .Concat(
                state
                    .Queue.Where(item => item.Parent == flowchart.Number)
                    .Select(item => item.ActivityId)
            )
            .ToHashSet(StringComparer.Ordinal);
        foreach (var id in begun.Where(to.Nodes.ContainsKey))
            if (!Same(old.ForwardInbound(id), next.ForwardInbound(id)))
                obstacles.Add($"It has reached '{id}', to which other connections lead now.");
        foreach (var id in left)
            if (!to.Nodes.ContainsKey(id))
                obstacles.Add($"It has passed '{id}', which the new version has not.");
            else if (!Same(old.Outbound(id), next.Outbound(id)))
                obstacles.Add($"It has passed '{id}', from which other connections lead now.");
    }

    static bool Same(IEnumerable<FlowConnection> here, IEnumerable<FlowConnection> there) =>
        here.ToHashSet().SetEquals(there);

    void CheckVariable(VariableDeclaration variable, JsonElement value)
    {
        try
        {
            Values.Convert(value, variable.Type);
        }
        catch (FormatException problem)
        {
            obstacles.Add($"Its variable '{variable.Name}' does not fit: {problem.Message}");
        }
    }
}
