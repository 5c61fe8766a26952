using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Tasks;

/// <param name="Mine">Assigned to whoever asks.</param>
/// <param name="Open">Pending or running.</param>
public sealed record TaskFilter(bool Mine = false, bool Open = false, Guid? CaseId = null);

/// <summary>Tasks over all cases, newest first, a page at a time: what somebody has on their desk.</summary>
public sealed class ListTasks(SentinelDatabase database)
{
    const int TasksMax = 200;

    /// <param name="before">The id of the last task of the page before, or null.</param>
    public async Task<Outcome<IReadOnlyList<CaseTask>>> RunAsync(
        Secret secret,
        TaskFilter filter,
        Guid? before,
        CancellationToken cancellation
    )
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database.Psa,
            secret,
            cancellation
        );
        if (await PermissionStore.LackingAsync(work, "task.read", cancellation) is { } refusal)
            return new Outcome<IReadOnlyList<CaseTask>>.Declined(refusal);
        return new Outcome<IReadOnlyList<CaseTask>>.Done(
            await CaseTaskStore.ListAsync(work, filter, before, TasksMax, cancellation)
        );
    }
}
