using System.Text.Json;
using Sentinel.Postgres.Access;
using Sentinel.Workflows;

namespace Sentinel.Psa.Outbound;

/// <summary>How the workflow that asked a connector learns how it went.</summary>
static class OutboundSignal
{
    public const string RunScript = "Sentinel.RunRmmScript";
    public const string EdrAct = "Sentinel.EdrAction";
    public const string Scan = "Sentinel.StartScan";
    public const string Notify = "Sentinel.Notify";

    const string Sent = "Sent";

    /// <summary>Under which a workflow waits that goes on once the connector has taken the request.</summary>
    public static string SentKey(Guid actionId) => $"{actionId} sent";

    /// <summary>In the transaction that sent or ended the request: both happen or neither.</summary>
    public static async Task SendAsync(
        PresentedTransaction work,
        Connector connector,
        OutboundAction action,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var isSent = action.Status is OutboundState.Sent or OutboundState.Succeeded;
        var ending = action.Status.ToString();
        if (action.Status != OutboundState.Sent)
            await ResumeAsync(
                action.Id.ToString(),
                connector.TakesMessages && isSent ? Sent : ending
            );
        await ResumeAsync(SentKey(action.Id), isSent ? Sent : ending);

        Task<int> ResumeAsync(string key, string outcome) =>
            WorkflowRunner.ResumeAsync(
                work,
                ActivityOf(connector.Kind),
                key,
                outcome,
                new Dictionary<string, JsonElement>
                {
                    ["Result"] = JsonSerializer.SerializeToElement(action.Outcome ?? ""),
                    ["EvidenceId"] = JsonSerializer.SerializeToElement(
                        action.EvidenceId?.ToString() ?? ""
                    ),
                },
                now,
                cancellation
            );
    }

    static string ActivityOf(string kind) =>
        kind switch
        {
            "rmm" => RunScript,
            "edr" => EdrAct,
            "scan" => Scan,
            _ => Notify,
        };
}
