using Sentinel.Postgres.Access;
using Sentinel.Workflows.Journal;

namespace Sentinel.Workflows;

/// <summary>What people can ask of an instance; a worker does it, in the rights of the workflow machine.</summary>
public static class WorkflowRequests
{
    /// <summary>Written in the caller's transaction, and done soon after its commit.</summary>
    /// <param name="isRetry">Try again what failed; else cancel.</param>
    /// <returns>False where the organisation has no such instance.</returns>
    public static Task<bool> AskAsync(
        PresentedTransaction work,
        Guid instanceId,
        bool isRetry,
        string reason,
        DateTimeOffset now,
        CancellationToken cancellation
    ) =>
        RequestStore.InsertAsync(
            work,
            instanceId,
            isRetry ? InstanceRequest.Retry : InstanceRequest.Cancel,
            reason,
            now,
            cancellation
        );
}
