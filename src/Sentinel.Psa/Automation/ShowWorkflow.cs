using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Automation;

/// <summary>Where one workflow stands, and every step that it took.</summary>
public sealed class ShowWorkflow(SentinelDatabase database)
{
    public Task<Outcome<WorkflowStory>> RunAsync(
        Secret secret,
        Guid instanceId,
        CancellationToken cancellation
    ) =>
        AttemptStore.ReadAsync(
            database.Psa,
            secret,
            new Deed("workflow.read", "workflow", instanceId, null),
            "case.read",
            work => InAsync(work, instanceId, cancellation),
            cancellation
        );

    static async Task<Outcome<WorkflowStory>> InAsync(
        PresentedTransaction work,
        Guid instanceId,
        CancellationToken cancellation
    )
    {
        if (await WorkflowOfCaseStore.FindAsync(work, instanceId, cancellation) is not { } found)
            return new Outcome<WorkflowStory>.NotFound($"workflow {instanceId}");
        return new Outcome<WorkflowStory>.Done(
            new WorkflowStory(
                found,
                await WorkflowOfCaseStore.JournalAsync(work, instanceId, cancellation),
                await WorkflowOfCaseStore.VariablesAsync(work, instanceId, cancellation)
            )
        );
    }
}
