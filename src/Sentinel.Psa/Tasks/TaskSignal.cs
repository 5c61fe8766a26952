using System.Text.Json;
using Sentinel.Postgres.Access;
using Sentinel.Workflows;

namespace Sentinel.Psa.Tasks;

/// <summary>How an ended task reads to a workflow, and how the workflows that wait for it learn of it.</summary>
sealed record TaskSignal(string Outcome, IReadOnlyDictionary<string, JsonElement> Outputs)
{
    public const string ActivityType = "Sentinel.AwaitTask";

    /// <summary>Null while the task goes on.</summary>
    public static TaskSignal? Of(CaseTask task) =>
        task.Status switch
        {
            CaseTaskState.Pending or CaseTaskState.Running => null,
            CaseTaskState.Done => With("Done", task.Result),
            CaseTaskState.Cancelled => With("Cancelled", task.CancelReason),
        };

    /// <summary>In the transaction that ended the task: both happen or neither.</summary>
    public static async Task SendAsync(
        PresentedTransaction work,
        CaseTask task,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        if (Of(task) is { } signal)
            await WorkflowRunner.ResumeAsync(
                work,
                ActivityType,
                task.Id.ToString(),
                signal.Outcome,
                signal.Outputs,
                now,
                cancellation
            );
    }

    static TaskSignal With(string outcome, string? result) =>
        new(
            outcome,
            new Dictionary<string, JsonElement>
            {
                ["Result"] = JsonSerializer.SerializeToElement(result ?? ""),
            }
        );
}
