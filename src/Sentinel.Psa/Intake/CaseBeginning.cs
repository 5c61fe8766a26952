using Sentinel.Postgres.Access;
using Sentinel.Psa.Sla;
using Sentinel.Psa.Tasks;

namespace Sentinel.Psa.Intake;

/// <summary>What a plan puts into a case that was just opened, whoever brought the finding.</summary>
static class CaseBeginning
{
    /// <param name="assets">Active ones of this organisation.</param>
    /// <param name="follows">The closed case that it follows on, or null.</param>
    public static async Task FillAsync(
        PresentedTransaction work,
        Guid caseId,
        CasePlan plan,
        IReadOnlyCollection<Guid> assets,
        Guid? follows,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        await OpeningStore.AttachAssetsAsync(work, caseId, assets, cancellation);
        await OpeningStore.RequireAsync(work, caseId, plan.ToClose, cancellation);
        if (follows is { } closed)
            await OpeningStore.RelateAsync(work, closed, caseId, "follow_on", now, cancellation);
        await NoticeStore.WantAsync(work, caseId, plan.Notify, cancellation);
        await NoticeStore.TellAsync(work, caseId, "opened", now, cancellation);
        if (plan.Sla is { } sla)
            await SlaStore.StartAsync(work, caseId, sla, now, cancellation);
        // Ids that rise keep the order in which the policy names the tasks.
        foreach (var (place, task) in plan.Tasks.Index())
            await CaseTaskStore.InsertAsync(
                work,
                Guid.CreateVersion7(now.AddMilliseconds(place)),
                caseId,
                task.TaskType,
                task.Description,
                null,
                now,
                cancellation
            );
        await SettlementStore.SettleAsync(work, caseId, now, cancellation);
    }
}
