using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sentinel.Psa.Outbound;

/// <summary>What is posted to a connector: nothing that it does not need.</summary>
sealed record OutboundBody(string Type, byte[] Bytes)
{
    const string Json = "application/json";

    public static OutboundBody Of(Guid organisationId, Connector connector, OutboundAction asked) =>
        connector.Kind switch
        {
            Connector.Webhook => new(
                "application/cloudevents+json",
                JsonSerializer.SerializeToUtf8Bytes(Event(organisationId, asked))
            ),
            Connector.Chat => new(
                Json,
                JsonSerializer.SerializeToUtf8Bytes(
                    new JsonObject { ["text"] = new OutboundText(asked.Arguments).Whole }
                )
            ),
            _ => new(Json, JsonSerializer.SerializeToUtf8Bytes(Request(organisationId, asked))),
        };

    static JsonObject Request(Guid organisationId, OutboundAction asked) =>
        new()
        {
            ["id"] = asked.Id.ToString(),
            ["action"] = asked.Action,
            ["arguments"] = asked.Arguments.DeepClone(),
            ["case_id"] = asked.CaseId.ToString(),
            ["task_id"] = asked.TaskId.ToString(),
            ["deadline"] = asked.DeadlineAt.ToString("O"),
            ["outcome_path"] = $"/organisations/{organisationId}/outbound/{asked.Id}/outcome",
        };

    /// <summary>CloudEvents 1.0, structured mode of the HTTP binding.</summary>
    static JsonObject Event(Guid organisationId, OutboundAction asked) =>
        new()
        {
            ["specversion"] = "1.0",
            ["id"] = asked.Id.ToString(),
            ["source"] = $"/organisations/{organisationId}",
            ["type"] = "sentinel.case.message",
            ["subject"] = asked.CaseId.ToString(),
            ["time"] = asked.AskedAt.ToString("O"),
            ["datacontenttype"] = Json,
            ["data"] = asked.Arguments.DeepClone(),
        };
}
