using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Approvals;

/// <summary>Asks people to decide. Whoever asks, person or machine, has worked in the case by that.</summary>
public sealed class AskApproval(SentinelDatabase database, TimeProvider clock)
{
    public Task<Outcome<Approval>> RunAsync(
        Secret secret,
        Guid caseId,
        Guid? taskId,
        string request,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("approval.ask", "approval", null, caseId),
            work => InAsync(work, caseId, taskId, request, clock.GetUtcNow(), cancellation),
            cancellation
        );

    internal static async Task<Outcome<Approval>> InAsync(
        PresentedTransaction work,
        Guid caseId,
        Guid? taskId,
        string request,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var refusal =
            await PermissionStore.LackingAsync(work, "approval.ask", cancellation)
            ?? ReasonGiven.Missing("approval.ask", request);
        if (refusal is not null)
            return new Outcome<Approval>.Declined(refusal);
        var approvalId = Guid.CreateVersion7(now);
        await ApprovalStore.InsertAsync(
            work,
            approvalId,
            caseId,
            taskId,
            request,
            now,
            cancellation
        );
        var asked = await ApprovalStore.FindAsync(work, approvalId, cancellation);
        return new Outcome<Approval>.Done(asked!);
    }
}
