using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Evidence;

/// <summary>
/// Adds a version of an item from which something was taken out, for people who may not see all of it.
/// It is an item of its own that names its original; the original stays as it was.
/// </summary>
public sealed class RedactEvidence(
    SentinelDatabase database,
    EvidenceObjects objects,
    TimeProvider clock
)
{
    const int TitleCharsMax = 500;
    const string Mark = " (redacted)";

    /// <param name="reason">What was taken out, and why.</param>
    public Task<Outcome<EvidenceItem>> RunAsync(
        Secret secret,
        Guid evidenceId,
        string reason,
        Stream content,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("evidence.redact", "evidence", evidenceId, null),
            work => InAsync(work, evidenceId, reason, content, cancellation),
            cancellation
        );

    async Task<Outcome<EvidenceItem>> InAsync(
        PresentedTransaction work,
        Guid evidenceId,
        string reason,
        Stream content,
        CancellationToken cancellation
    )
    {
        if (await EvidenceStore.FindAsync(work, evidenceId, cancellation) is not { } original)
            return new Outcome<EvidenceItem>.NotFound($"evidence {evidenceId}");
        var refusal =
            await PermissionStore.LackingAsync(work, "evidence.redact", cancellation)
            ?? ReasonGiven.Missing("evidence.redact", reason);
        if (refusal is not null)
            return new Outcome<EvidenceItem>.Declined(refusal);
        var stored = await objects.StoreAsync(content, cancellation);
        if (stored.Hash == original.Hash)
            return new Outcome<EvidenceItem>.Declined(
                new RuleRefusal(
                    "evidence.redact.same",
                    "these are the bytes of the original: nothing was taken out",
                    "the same person, with the redacted version"
                )
            );
        var now = clock.GetUtcNow();
        var item = new EvidenceItem(
            Guid.CreateVersion7(now),
            original.CaseId,
            original.EvidenceType,
            original.SourceSystem,
            original.Title[..Math.Min(original.Title.Length, TitleCharsMax - Mark.Length)] + Mark,
            stored.Hash,
            stored.Uri,
            stored.SizeBytes,
            work.Actor.Id,
            now,
            original.Id,
            reason
        );
        await EvidenceStore.InsertAsync(work, item, cancellation);
        return new Outcome<EvidenceItem>.Done(item);
    }
}
