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

    /// <summary>In the transaction that ended the request: both happen or neither.</summary>
    public static Task SendAsync(
        PresentedTransaction work,
        Connector connector,
        OutboundAction ended,
        DateTimeOffset now,
        CancellationToken cancellation
    ) =>
        WorkflowRunner.ResumeAsync(
            work,
            ActivityOf(connector.Kind),
            ended.Id.ToString(),
            connector.TakesMessages && ended.Status == OutboundState.Succeeded
                ? "Sent"
                : ended.Status.ToString(),
            new Dictionary<string, JsonElement>
            {
                ["Result"] = JsonSerializer.SerializeToElement(ended.Outcome ?? ""),
                ["EvidenceId"] = JsonSerializer.SerializeToElement(
                    ended.EvidenceId?.ToString() ?? ""
                ),
            },
            now,
            cancellation
        );

    static string ActivityOf(string kind) =>
        kind switch
        {
            "rmm" => RunScript,
            "edr" => EdrAct,
            "scan" => Scan,
            _ => Notify,
        };
}
