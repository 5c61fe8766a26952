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
        var said = outcome.Length > OutcomeCharsMax ? outcome[..OutcomeCharsMax] : outcome;
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
        if (
            await CaseTaskStore.FindAsync(work, action.TaskId, cancellation) is
            { Status: CaseTaskState.Running } task
        )
            await TaskActionStore.InsertAsync(
                work,
                task,
                Guid.CreateVersion7(now),
                state.Word(),
                Told(action.Action, said),
                now,
                cancellation
            );
        return ended;
    }

    static string Told(string action, string outcome)
    {
        var text = $"{action}: {outcome}";
        return text.Length > OutcomeCharsMax ? text[..OutcomeCharsMax] : text;
    }
}
