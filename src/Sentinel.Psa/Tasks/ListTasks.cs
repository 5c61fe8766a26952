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
    public Task<Outcome<IReadOnlyList<CaseTask>>> RunAsync(
        Secret secret,
        TaskFilter filter,
        Guid? before,
        CancellationToken cancellation
    ) =>
        AttemptStore.ReadAsync(
            database.Psa,
            secret,
            new Deed("task.read", "task", null, filter.CaseId),
            "task.read",
            work => InAsync(work, filter, before, cancellation),
            cancellation
        );

    static async Task<Outcome<IReadOnlyList<CaseTask>>> InAsync(
        PresentedTransaction work,
        TaskFilter filter,
        Guid? before,
        CancellationToken cancellation
    )
    {
        return new Outcome<IReadOnlyList<CaseTask>>.Done(
            await CaseTaskStore.ListAsync(work, filter, before, TasksMax, cancellation)
        );
    }
}
