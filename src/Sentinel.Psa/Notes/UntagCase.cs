using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Cases;

namespace Sentinel.Psa.Notes;

/// <summary>Takes a tag back, with a tombstone that says why. Answers with the tags that are left.</summary>
public sealed class UntagCase(SentinelDatabase database, TimeProvider clock)
{
    public Task<Outcome<IReadOnlyList<string>>> RunAsync(
        Secret secret,
        Guid caseId,
        string tag,
        string reason,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("case.untag", "case", caseId, caseId),
            work => InAsync(work, caseId, tag, reason, cancellation),
            cancellation
        );

    async Task<Outcome<IReadOnlyList<string>>> InAsync(
        PresentedTransaction work,
        Guid caseId,
        string tag,
        string reason,
        CancellationToken cancellation
    )
    {
        if (await CaseStore.LockAsync(work, caseId, cancellation) is null)
            return new Outcome<IReadOnlyList<string>>.NotFound($"case {caseId}");
        if (await NoteStore.TagIdAsync(work, caseId, tag, cancellation) is not { } tagId)
            return new Outcome<IReadOnlyList<string>>.NotFound($"tag {tag} on case {caseId}");
        var refusal =
            await PermissionStore.LackingAsync(work, "case.tag", cancellation)
            ?? ReasonGiven.Missing("case.untag", reason);
        if (refusal is not null)
            return new Outcome<IReadOnlyList<string>>.Declined(refusal);
        await TombstoneStore.InsertAsync(
            work,
            caseId,
            "case_tag",
            tagId,
            reason,
            clock.GetUtcNow(),
            cancellation
        );
        return new Outcome<IReadOnlyList<string>>.Done(
            await NoteStore.TagsAsync(work, caseId, cancellation)
        );
    }
}
