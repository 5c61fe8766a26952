using System.Text.Json;
using Sentinel.Postgres.Access;
using Sentinel.Workflows.Definitions;
using Sentinel.Workflows.Execution;
using Sentinel.Workflows.Journal;

namespace Sentinel.Workflows;

/// <summary>What activities do beyond their instance, and how it is taken back where nobody waits any more.</summary>
sealed class ActivityCalls(
    ActivityCatalogue activities,
    DefinitionCache definitions,
    WorkflowStarts starts,
    TimeProvider clock
)
{
    const int CorrelationCharsMax = 200;
    const string NoLongerAwaited = "The workflow that waited for it no longer does.";

    static readonly Dictionary<string, JsonElement> NoInputs = [];

    public async Task<ActivityAnswer> AnswerAsync(
        PresentedTransaction work,
        Lease lease,
        InstanceState state,
        PendingCall call,
        string? lastError,
        CancellationToken cancellation
    ) =>
        RetryPlan.Of(call.Inputs) is not { } plan
            ? new ActivityAnswer.Failed(
                "Its input 'attemptsMax' is 1 to 20, and 'backoff' at most a day."
            )
        : lease.Attempts >= plan.AttemptsMax
            ? new ActivityAnswer.Failed(
                $"It was tried {lease.Attempts} times and given up; the last time: {lastError}"
            )
        : call.Type == BuiltInActivities.ExecuteWorkflow
            ? await ExecuteAsync(work, state, call, cancellation)
        : await activities
            .Find(call.Type)!
            .RunAsync(
                Call(work, state, call.ActivityId, call.Execution, call.Inputs),
                cancellation
            );

    /// <summary>Another workflow, with what this one was started with and what the activity gives besides.</summary>
    async Task<ActivityAnswer> ExecuteAsync(
        PresentedTransaction work,
        InstanceState above,
        PendingCall call,
        CancellationToken cancellation
    )
    {
        var name = Values.AsText(call.Inputs["workflowDefinitionId"]);
        if (await WorkflowStarts.WhyNotAsync(work, above, cancellation) is { } why)
            return new ActivityAnswer.Failed(why);
        if (await DefinitionStore.FindPublishedAsync(work, name, cancellation) is not { } stored)
            return new ActivityAnswer.Failed($"There is no published workflow '{name}'.");
        var given = call.Inputs.GetValueOrDefault("input");
        if (given.ValueKind is not (JsonValueKind.Object or JsonValueKind.Undefined))
            return new ActivityAnswer.Failed("Its input 'input' is no object.");
        var correlation = Values.AsText(call.Inputs.GetValueOrDefault("correlationId"));
        if (correlation.Length > CorrelationCharsMax)
            return new ActivityAnswer.Failed(
                $"A correlation id has at most {CorrelationCharsMax} characters."
            );
        Dictionary<string, JsonElement> inputs = new(above.Inputs);
        if (given.ValueKind == JsonValueKind.Object)
            foreach (var input in given.EnumerateObject())
                inputs[input.Name] = input.Value;
        var below = await starts.StartAsync(
            work,
            stored,
            inputs,
            correlation.Length > 0 ? correlation : above.CorrelationId,
            trigger: null,
            above,
            cancellation
        );
        return Values.AsBoolean(call.Inputs.GetValueOrDefault("waitForCompletion"))
            ? new ActivityAnswer.Waiting(below.ToString())
            : new ActivityAnswer.Completed(
                "Done",
                new Dictionary<string, JsonElement> { ["Result"] = Values.Of(below) }
            );
    }

    /// <summary>Nobody waits for it any more: it ends, and all that it waits for with it.</summary>
    async Task CancelAsync(
        PresentedTransaction work,
        Guid instanceId,
        CancellationToken cancellation
    )
    {
        if (
            await InstanceStore.TakeOverAsync(work, instanceId, cancellation) is not { } lease
            || (await InstanceStore.ReadAsync(work, [lease], cancellation)).GetValueOrDefault(
                instanceId
            )
                is not { } stored
        )
            return;
        var checkpoint = new Checkpoint(
            work,
            lease,
            stored,
            await definitions.FindAsync(work, stored.VersionId, cancellation),
            null,
            activities,
            clock.GetUtcNow()
        );
        checkpoint.Cancel(NoLongerAwaited);
        await AbandonAsync(work, checkpoint.NoLongerAwaited, stored.State, cancellation);
        await checkpoint.WriteAsync(
            checkpoint.Rows(isCalling: false) with
            {
                HasMore = false,
            },
            TimeSpan.Zero,
            cancellation
        );
    }

    /// <summary>What they ask for is taken back: the workflows that were waited for end, and so on.</summary>
    public async Task AbandonAsync(
        PresentedTransaction work,
        IEnumerable<Bookmark> bookmarks,
        InstanceState state,
        CancellationToken cancellation
    )
    {
        foreach (var bookmark in bookmarks)
            if (bookmark.Name == BuiltInActivities.ExecuteWorkflow)
                await CancelAsync(work, Guid.Parse(bookmark.Key), cancellation);
            else if (activities.Find(bookmark.Name) is { } activity)
                await activity.StopWaitingAsync(
                    Call(work, state, bookmark.ActivityId, bookmark.Execution, NoInputs),
                    bookmark.Key,
                    cancellation
                );
    }

    static ActivityCall Call(
        PresentedTransaction work,
        InstanceState state,
        string activityId,
        int execution,
        IReadOnlyDictionary<string, JsonElement> inputs
    ) =>
        new(
            state.InstanceId,
            activityId,
            ExecutionKey.Of(state.InstanceId, activityId, state.Find(execution)!.Round),
            state.CorrelationId,
            inputs,
            state.Inputs,
            work
        );
}
