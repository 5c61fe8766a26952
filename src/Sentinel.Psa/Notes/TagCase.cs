using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Cases;

namespace Sentinel.Psa.Notes;

/// <summary>Puts a word on a case by which it is found again. Answers with all its tags.</summary>
public sealed class TagCase(SentinelDatabase database, TimeProvider clock)
{
    public Task<Outcome<IReadOnlyList<string>>> RunAsync(
        Secret secret,
        Guid caseId,
        string tag,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("case.tag", "case", caseId, caseId),
            work => InAsync(work, caseId, tag, cancellation),
            cancellation
        );

    async Task<Outcome<IReadOnlyList<string>>> InAsync(
        PresentedTransaction work,
        Guid caseId,
        string tag,
        CancellationToken cancellation
    )
    {
        if (await CaseStore.LockAsync(work, caseId, cancellation) is null)
            return new Outcome<IReadOnlyList<string>>.NotFound($"case {caseId}");
        var refusal =
            await PermissionStore.LackingAsync(work, "case.tag", cancellation)
            ?? TextGiven.NotATag(tag);
        if (refusal is not null)
            return new Outcome<IReadOnlyList<string>>.Declined(refusal);
        await NoteStore.AddTagAsync(work, caseId, tag, clock.GetUtcNow(), cancellation);
        return new Outcome<IReadOnlyList<string>>.Done(
            await NoteStore.TagsAsync(work, caseId, cancellation)
        );
    }
}
