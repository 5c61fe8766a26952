using System.Text.Json.Nodes;
using Sentinel.Workflows.Definitions;
using Sentinel.Workflows.Execution;
using Sentinel.Workflows.Simulation;

namespace Sentinel.Workflows.Recordings;

/// <summary>What a run of ours came to, in the words of a recording's <c>expect</c>.</summary>
static class Outcome
{
    public static JsonObject Status(InstanceState state, bool isStart, bool isAdvance)
    {
        var ended =
            state.Status
            is InstanceStatus.Finished
                or InstanceStatus.Faulted
                or InstanceStatus.Cancelled;
        return new JsonObject
        {
            ["http"] =
                isAdvance ? null
                : isStart && state.Status == InstanceStatus.Faulted ? 500
                : 200,
            ["status"] = ended ? "Finished" : "Running",
            ["subStatus"] = state.Status.ToString(),
        };
    }

    public static JsonArray Bookmarks(InstanceState state) =>
        [
            .. state
                .Bookmarks.OrderBy(bookmark => bookmark.ActivityId, StringComparer.Ordinal)
                .ThenBy(bookmark => bookmark.Execution)
                .Select(bookmark =>
                    (JsonNode)
                        new JsonObject
                        {
                            ["activity"] = bookmark.ActivityId,
                            ["name"] = bookmark.Name,
                            ["payload"] = Payload(bookmark),
                        }
                ),
        ];

    public static JsonObject AtEnd(
        WorkflowDefinition definition,
        InstanceState state,
        IReadOnlyList<SimulatedRow> journal
    )
    {
        var evaluator = new Evaluator(definition, state);
        var end = Status(state, false, false);
        end.Remove("http");
        end["outputs"] = ToNode(state.Outputs);
        end["variables"] = ToNode(
            definition.Variables.ToDictionary(v => v.Name, v => evaluator.Variable(v.Id))
        );
        end["incidents"] = new JsonArray([
            .. state.Incidents.Select(incident =>
                (JsonNode)
                    new JsonObject
                    {
                        ["activity"] = incident.ActivityId,
                        ["message"] = incident.Message,
                        ["innerMessage"] = incident.Inner,
                    }
            ),
        ]);
        end["activityStatus"] = ActivityStatus(journal);
        if (state.CorrelationId is { } correlationId)
            end["correlationId"] = correlationId;
        end["trace"] = Trace(journal);
        return end;
    }

    static JsonObject ActivityStatus(IReadOnlyList<SimulatedRow> journal)
    {
        var all = new JsonObject();
        foreach (var activity in journal.GroupBy(item => item.Row.ActivityId))
            all[activity.Key] = new JsonArray([
                .. activity
                    .GroupBy(item => item.Row.Round)
                    .OrderBy(round => round.Key)
                    .Select(round => (JsonNode)JsonValue.Create(StatusAfter(round.Last().Row))),
            ]);
        return all;
    }

    static string StatusAfter(JournalRow last) =>
        last.Event switch
        {
            JournalEvent.Started
            or JournalEvent.Suspended
            or JournalEvent.Resumed
            or JournalEvent.Retried
            or JournalEvent.Migrated
            or JournalEvent.Refused => "Running",
            JournalEvent.Completed => "Completed",
            JournalEvent.Faulted => "Faulted",
            JournalEvent.Canceled => "Canceled",
        };

    static JsonArray Trace(IReadOnlyList<SimulatedRow> journal)
    {
        var trace = new JsonArray();
        foreach (var (step, _, row) in journal)
        {
            var item = new JsonObject
            {
                ["step"] = step,
                ["activity"] = row.ActivityId,
                ["event"] = row.Event.ToString(),
            };
            if (row.Round > 1)
                item["execution"] = row.Round;
            if (row.Outcomes is { } outcomes)
                item["outcomes"] = ToNode(outcomes);
            if (row.Message is { } message)
                item["message"] = message;
            trace.Add(item);
        }
        return trace;
    }

    static JsonNode? Payload(Bookmark bookmark)
    {
        var payload = ToNode(bookmark.Payload);
        if (payload is JsonObject task && task.ContainsKey("taskId"))
            task["taskId"] = $"$TASK:{bookmark.ActivityId}";
        if (payload is JsonObject delay && delay.ContainsKey("resumeAt"))
            delay["resumeAt"] = "$TIME";
        return payload;
    }

    static JsonNode? ToNode<T>(T value) => System.Text.Json.JsonSerializer.SerializeToNode(value);
}
