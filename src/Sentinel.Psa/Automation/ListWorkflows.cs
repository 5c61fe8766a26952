using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Automation;

/// <summary>The newest 200 workflows that run or ran for a case, or of those only what failed.</summary>
public sealed class ListWorkflows(SentinelDatabase database)
{
    const int WorkflowsMax = 200;

    public async Task<Outcome<IReadOnlyList<WorkflowOfCase>>> RunAsync(
        Secret secret,
        bool failed,
        CancellationToken cancellation
    )
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database.Psa,
            secret,
            cancellation
        );
        return await PermissionStore.LackingAsync(work, "case.read", cancellation) is { } refusal
            ? new Outcome<IReadOnlyList<WorkflowOfCase>>.Declined(refusal)
            : new Outcome<IReadOnlyList<WorkflowOfCase>>.Done(
                await WorkflowOfCaseStore.ListAsync(work, failed, WorkflowsMax, cancellation)
            );
    }
}
