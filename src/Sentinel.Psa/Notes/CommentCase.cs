using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Cases;

namespace Sentinel.Psa.Notes;

public enum CommentKind
{
    Comment,
    Correction,
    Handover,
}

/// <param name="Corrects">The comment that this one replaces; both stay readable.</param>
public sealed record CaseComment(
    Guid Id,
    Guid CaseId,
    CommentKind Kind,
    string Body,
    Guid? Corrects,
    Guid WrittenBy,
    DateTimeOffset WrittenAt
);

/// <summary>Says something about a case, for good. A correction is a new comment by the same author.</summary>
public sealed class CommentCase(SentinelDatabase database, TimeProvider clock)
{
    public const int BodyCharsMax = 20_000;

    public Task<Outcome<CaseComment>> RunAsync(
        Secret secret,
        Guid caseId,
        string body,
        Guid? corrects,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("case.comment", "case", caseId, caseId),
            work => InAsync(work, caseId, body, corrects, cancellation),
            cancellation
        );

    async Task<Outcome<CaseComment>> InAsync(
        PresentedTransaction work,
        Guid caseId,
        string body,
        Guid? corrects,
        CancellationToken cancellation
    )
    {
        if (await CaseStore.LockAsync(work, caseId, cancellation) is null)
            return new Outcome<CaseComment>.NotFound($"case {caseId}");
        if (
            corrects is { } before
            && !await NoteStore.HasCommentAsync(work, caseId, before, cancellation)
        )
            return new Outcome<CaseComment>.NotFound($"comment {before} in case {caseId}");
        var refusal =
            await PermissionStore.LackingAsync(work, "case.comment", cancellation)
            ?? TextGiven.Unfit("case.comment.body", "comment", body, BodyCharsMax);
        if (refusal is not null)
            return new Outcome<CaseComment>.Declined(refusal);
        var kind = corrects is null ? CommentKind.Comment : CommentKind.Correction;
        return new Outcome<CaseComment>.Done(
            await NoteStore.CommentAsync(
                work,
                caseId,
                kind,
                body,
                corrects,
                clock.GetUtcNow(),
                cancellation
            )
        );
    }
}
