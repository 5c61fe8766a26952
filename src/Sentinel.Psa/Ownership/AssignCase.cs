using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Cases;
using Sentinel.Psa.Notes;

namespace Sentinel.Psa.Ownership;

/// <summary>Where a case goes: to a person, to a queue, or to a person in a queue.</summary>
/// <param name="Note">What the next owner has to know; it becomes a comment of the case.</param>
public sealed record NextOwner(Guid? UserId, string? Queue, string? Note);

/// <summary>
/// Gives the case another owner, or back to a queue, where nobody owns it until somebody takes it over.
/// Every owner stays in the audit log.
/// </summary>
public sealed class AssignCase(SentinelDatabase database, TimeProvider clock)
{
    const int QueueCharsMax = 100;

    public Task<Outcome<Case>> RunAsync(
        Secret secret,
        Guid caseId,
        NextOwner next,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("case.assign", "case", caseId, caseId),
            work => InAsync(work, caseId, next, clock.GetUtcNow(), cancellation),
            cancellation
        );

    internal static async Task<Outcome<Case>> InAsync(
        PresentedTransaction work,
        Guid caseId,
        NextOwner next,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        if (await CaseStore.LockAsync(work, caseId, cancellation) is null)
            return new Outcome<Case>.NotFound($"case {caseId}");
        if (next.UserId is { } user && !await PersonStore.ExistsAsync(work, user, cancellation))
            return new Outcome<Case>.NotFound($"user {user}");
        var refusal =
            await PermissionStore.LackingAsync(work, "case.assign", cancellation) ?? Unfit(next);
        if (refusal is not null)
            return new Outcome<Case>.Declined(refusal);
        await CaseStore.SetOwnerAsync(work, caseId, next.UserId, cancellation);
        if (next.Queue is { } queue)
            await CaseStore.SetQueueAsync(
                work,
                caseId,
                await CaseStore.QueueAsync(work, queue, now, cancellation),
                cancellation
            );
        if (next.Note is { } note)
            await NoteStore.CommentAsync(
                work,
                caseId,
                CommentKind.Handover,
                note,
                null,
                now,
                cancellation
            );
        var assigned = await CaseStore.FindAsync(work, caseId, cancellation);
        return new Outcome<Case>.Done(assigned!);
    }

    static RuleRefusal? Unfit(NextOwner next) =>
        next is { UserId: null, Queue: null }
            ? new RuleRefusal(
                "case.assign.nobody",
                "neither a person nor a queue is named",
                "the same person, who names one"
            )
            : (
                next.Queue is null
                    ? null
                    : TextGiven.Unfit("case.assign.queue", "queue", next.Queue, QueueCharsMax)
            )
                ?? (
                    next.Note is null
                        ? null
                        : TextGiven.Unfit(
                            "case.assign.note",
                            "note",
                            next.Note,
                            CommentCase.BodyCharsMax
                        )
                );
}
