using System.Text.Json;
using Sentinel.Postgres.Access;
using Sentinel.Workflows;

namespace Sentinel.Psa.Approvals;

/// <summary>How the workflows that wait for a decision learn of it.</summary>
static class ApprovalSignal
{
    public const string AwaitApproval = "Sentinel.AwaitApproval";
    public const string RequestApproval = "Sentinel.RequestApproval";
    public const string RequestClosure = "Sentinel.RequestClosure";

    /// <summary>In the transaction that decided: both happen or neither.</summary>
    public static async Task SendAsync(
        PresentedTransaction work,
        Approval approval,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        if (OutcomeOf(approval.Status) is not { } outcome)
            return;
        var outputs = Outputs(outcome);
        foreach (var type in (string[])[AwaitApproval, RequestClosure])
            await WorkflowRunner.ResumeAsync(
                work,
                type,
                approval.Id.ToString(),
                outcome,
                outputs,
                now,
                cancellation
            );
    }

    public static IReadOnlyDictionary<string, JsonElement> Outputs(string outcome) =>
        new Dictionary<string, JsonElement>
        {
            ["Decision"] = JsonSerializer.SerializeToElement(outcome),
        };

    /// <summary>Null while nobody has decided: a request that was withdrawn is nobody's decision.</summary>
    public static string? OutcomeOf(ApprovalState status) =>
        status switch
        {
            ApprovalState.Asked or ApprovalState.Withdrawn => null,
            ApprovalState.Approved => "Approved",
            ApprovalState.Refused => "Rejected",
        };
}
