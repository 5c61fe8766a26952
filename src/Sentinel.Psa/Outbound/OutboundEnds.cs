using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Tasks;

namespace Sentinel.Psa.Outbound;

/// <summary>How a request ends: its row, and a step in the story of its task where that still runs.</summary>
static class OutboundEnds
{
    const int OutcomeCharsMax = 4000;

    public static async Task<OutboundAction> EndAsync(
        PresentedTransaction work,
        OutboundAction action,
        OutboundState state,
        string outcome,
        Guid? evidenceId,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var said = outcome.Cut(OutcomeCharsMax);
        // A quick connector answers before we are told that it took the request.
        if (action.Status == OutboundState.Asked && state == OutboundState.Succeeded)
        {
            action = action with { Status = OutboundState.Sent, SentAt = now };
            await OutboundStore.UpdateAsync(work, action, cancellation);
        }
        var ended = action with
        {
            Status = state,
            EndedAt = now,
            Outcome = said,
            EvidenceId = evidenceId,
        };
        await OutboundStore.UpdateAsync(work, ended, cancellation);
        await RecordAsync(work, ended, said, now, cancellation);
        var connector = await OutboundStore.ConnectorAsync(work, ended.ConnectorId, cancellation);
        await OutboundSignal.SendAsync(work, connector, ended, now, cancellation);
        return ended;
    }

    static async Task RecordAsync(
        PresentedTransaction work,
        OutboundAction ended,
        string said,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        if (
            ended.TaskId is not { } taskId
            || await CaseTaskStore.FindAsync(work, taskId, cancellation)
                is not { Status: CaseTaskState.Running } task
        )
            return;
        await TaskActionStore.InsertAsync(
            work,
            task,
            Guid.CreateVersion7(now),
            ended.Status.Word(),
            Told(ended.Action, said),
            now,
            cancellation
        );
        // A task that a workflow began for this is over with it; a person's is theirs to complete.
        if (task.StartedBy == work.Actor.Id)
            await CompleteTask.InAsync(work, task.Id, ended.Status.Word(), now, cancellation);
    }

    static string Told(string action, string outcome) =>
        $"{action}: {outcome}".Cut(OutcomeCharsMax);
}
