using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Evidence;

/// <param name="EvidenceType">log, screenshot, report, …</param>
public sealed record NewEvidence(Guid CaseId, string EvidenceType, string Title);

/// <summary>Stores the bytes under their hash and attaches them to a case, for good.</summary>
public sealed class AttachEvidence(
    SentinelDatabase database,
    EvidenceObjects objects,
    TimeProvider clock
)
{
    public async Task<Outcome<EvidenceItem>> RunAsync(
        Secret secret,
        NewEvidence evidence,
        Stream content,
        CancellationToken cancellation
    ) =>
        await AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("evidence.attach", "evidence", null, evidence.CaseId),
            work => InAsync(work, evidence, content, cancellation),
            cancellation
        );

    async Task<Outcome<EvidenceItem>> InAsync(
        PresentedTransaction work,
        NewEvidence evidence,
        Stream content,
        CancellationToken cancellation
    )
    {
        if (
            await PermissionStore.LackingAsync(work, "evidence.attach", cancellation) is { } refusal
        )
            return new Outcome<EvidenceItem>.Declined(refusal);
        var stored = await objects.StoreAsync(content, cancellation);
        var now = clock.GetUtcNow();
        var item = new EvidenceItem(
            Guid.CreateVersion7(now),
            evidence.CaseId,
            evidence.EvidenceType,
            "manual",
            evidence.Title,
            stored.Hash,
            stored.Uri,
            stored.SizeBytes,
            work.Actor.Id,
            now
        );
        await EvidenceStore.InsertAsync(work, item, cancellation);
        return new Outcome<EvidenceItem>.Done(item);
    }
}
