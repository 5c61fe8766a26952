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
    const int TitleCharsMax = 500;

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
            work =>
                InAsync(
                    work,
                    objects,
                    evidence,
                    "manual",
                    content,
                    clock.GetUtcNow(),
                    cancellation
                ),
            cancellation
        );

    /// <param name="sourceSystem">manual where a person brought it, else what made it.</param>
    internal static async Task<Outcome<EvidenceItem>> InAsync(
        PresentedTransaction work,
        EvidenceObjects objects,
        NewEvidence evidence,
        string sourceSystem,
        Stream content,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var refusal =
            await PermissionStore.LackingAsync(work, "evidence.attach", cancellation)
            ?? Unfit(evidence);
        if (refusal is not null)
            return new Outcome<EvidenceItem>.Declined(refusal);
        var stored = await objects.StoreAsync(content, cancellation);
        var item = new EvidenceItem(
            Guid.CreateVersion7(now),
            evidence.CaseId,
            evidence.EvidenceType,
            sourceSystem,
            evidence.Title,
            stored.Hash,
            stored.Uri,
            stored.SizeBytes,
            work.Actor.Id,
            now
        );
        await EvidenceStore.InsertAsync(work, item, cancellation);
        await EvidenceSignal.SendAsync(work, item, cancellation);
        return new Outcome<EvidenceItem>.Done(item);
    }

    static RuleRefusal? Unfit(NewEvidence evidence) =>
        TextGiven.NotAWord("evidence.attach.type", "type of evidence", evidence.EvidenceType)
        ?? TextGiven.Unfit("evidence.attach.title", "title", evidence.Title, TitleCharsMax);
}
