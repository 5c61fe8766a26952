using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Tasks;

/// <summary>Adds a task to a case by hand; workflows and escalations add theirs themselves.</summary>
public sealed class CreateTask(SentinelDatabase database, TimeProvider clock)
{
    internal const int DescriptionCharsMax = 4000;

    public Task<Outcome<CaseTask>> RunAsync(
        Secret secret,
        Guid caseId,
        string taskType,
        string description,
        Guid? assignedTo,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("task.create", "task", null, caseId),
            work =>
                InAsync(
                    work,
                    caseId,
                    taskType,
                    description,
                    assignedTo,
                    clock.GetUtcNow(),
                    cancellation
                ),
            cancellation
        );

    internal static async Task<Outcome<CaseTask>> InAsync(
        PresentedTransaction work,
        Guid caseId,
        string taskType,
        string description,
        Guid? assignedTo,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var refusal =
            await PermissionStore.LackingAsync(work, "task.create", cancellation)
            ?? TextGiven.NotAWord("task.type", "type of a task", taskType)
            ?? TextGiven.Unfit(
                "task.description",
                "description of a task",
                description,
                DescriptionCharsMax
            );
        if (refusal is not null)
            return new Outcome<CaseTask>.Declined(refusal);
        if (assignedTo is { } user && !await PersonStore.ExistsAsync(work, user, cancellation))
            return new Outcome<CaseTask>.NotFound($"user {user}");
        var taskId = Guid.CreateVersion7(now);
        await CaseTaskStore.InsertAsync(
            work,
            taskId,
            caseId,
            taskType,
            description,
            assignedTo,
            now,
            cancellation
        );
        var created = await CaseTaskStore.FindAsync(work, taskId, cancellation);
        return new Outcome<CaseTask>.Done(created!);
    }
}
