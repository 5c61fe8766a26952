using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Automation;

/// <summary>The newest 200 workflows that run or ran for a case, or of those only what failed.</summary>
public sealed class ListWorkflows(SentinelDatabase database)
{
    const int WorkflowsMax = 200;

    public Task<Outcome<IReadOnlyList<WorkflowOfCase>>> RunAsync(
        Secret secret,
        bool failed,
        CancellationToken cancellation
    ) =>
        AttemptStore.ListAsync(
            database.Psa,
            secret,
            new Deed("workflow.read", "workflow", null, null),
            "case.read",
            work => WorkflowOfCaseStore.ListAsync(work, failed, WorkflowsMax, cancellation),
            cancellation
        );
}
