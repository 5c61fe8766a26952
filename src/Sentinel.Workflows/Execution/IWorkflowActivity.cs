using System.Text.Json;
using Sentinel.Postgres.Access;
using Sentinel.Workflows.Definitions;

namespace Sentinel.Workflows.Execution;

/// <summary>
/// Something a workflow can do beyond steering itself. It knows nothing of the executor, so that the
/// same activity can be hosted elsewhere.
/// </summary>
public interface IWorkflowActivity
{
    ActivityDescription Description { get; }

    /// <summary>
    /// Acts within the transaction of the call, which commits together with the checkpoint, or not at
    /// all. For what happens outside the database the call carries an idempotency key.
    /// </summary>
    Task<ActivityAnswer> RunAsync(ActivityCall call, CancellationToken cancellation);

    /// <summary>
    /// Nobody waits for that key any more: it was answered, it is overdue, or another branch won. What
    /// still asks for an answer is taken back here.
    /// </summary>
    Task StopWaitingAsync(ActivityCall call, string key, CancellationToken cancellation) =>
        Task.CompletedTask;
}

/// <param name="IdempotencyKey">The same on every attempt of this execution, and of no other.</param>
/// <param name="Inputs">By name, evaluated and of the described types; absent where empty.</param>
/// <param name="WorkflowInputs">What the workflow was started with.</param>
public sealed record ActivityCall(
    Guid InstanceId,
    string ActivityId,
    Guid IdempotencyKey,
    string? CorrelationId,
    IReadOnlyDictionary<string, JsonElement> Inputs,
    IReadOnlyDictionary<string, JsonElement> WorkflowInputs,
    PresentedTransaction Work
);

/// <summary>Every answer that an activity can give.</summary>
public abstract record ActivityAnswer
{
    public sealed record Completed(
        string Outcome,
        IReadOnlyDictionary<string, JsonElement>? Outputs = null
    ) : ActivityAnswer;

    /// <summary>It goes on when somebody resumes that key, or at the due time with that outcome.</summary>
    public sealed record Waiting(
        string Key,
        DateTimeOffset? DueAt = null,
        string? DueOutcome = null
    ) : ActivityAnswer;

    /// <summary>It cannot be done, and trying again would not help.</summary>
    public sealed record Failed(string Reason) : ActivityAnswer;
}

/// <summary>
/// The activity was refused in a way that spoils its transaction: the runner rolls back and journals
/// the reason as the activity's failure.
/// </summary>
public sealed class ActivityRefusedException(string reason) : Exception(reason);
