using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Approvals;
using Sentinel.Psa.Assets;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Cases;
using Sentinel.Psa.Evidence;
using Sentinel.Psa.Notes;
using Sentinel.Psa.Relations;
using Sentinel.Psa.Sla;
using Sentinel.Psa.Tasks;

namespace Sentinel.Psa.Stories;

/// <param name="Names">Of every person and machine in the story, by id.</param>
/// <param name="ToClose">What still stands between the case and its end, and who could do it.</param>
/// <param name="Timeline">From the audit log alone, in its order.</param>
public sealed record CaseStory(
    Case Case,
    IReadOnlyList<CaseTask> Tasks,
    IReadOnlyList<TaskAction> Actions,
    IReadOnlyList<EvidenceItem> Evidence,
    IReadOnlyList<Approval> Approvals,
    IReadOnlyList<CaseAttestation> Attestations,
    IReadOnlyList<DispositionMade> Dispositions,
    CaseSla? Sla,
    CaseSeal? Seal,
    IReadOnlyList<CaseComment> Comments,
    IReadOnlyList<SeverityDecided> Severities,
    IReadOnlyList<SeverityProposal> ProposedSeverities,
    IReadOnlyList<string> Tags,
    IReadOnlyList<Guid> Watchers,
    IReadOnlyList<RelatedCase> Related,
    IReadOnlyList<CaseAsset> Assets,
    IReadOnlyList<RuleRefusal> ToClose,
    IReadOnlyDictionary<Guid, string> Names,
    IReadOnlyList<TimelineEntry> Timeline
);

/// <summary>Everything about a case: what happened, who owned it, what was done, and the proof.</summary>
public sealed class ShowCase(SentinelDatabase database, TimeProvider clock)
{
    public Task<Outcome<CaseStory>> RunAsync(
        Secret secret,
        Guid caseId,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("case.read", "case", caseId, caseId),
            work => InAsync(work, caseId, cancellation),
            cancellation
        );

    async Task<Outcome<CaseStory>> InAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        if (await PermissionStore.LackingAsync(work, "case.read", cancellation) is { } refusal)
            return new Outcome<CaseStory>.Declined(refusal);
        if (await CaseStore.FindAsync(work, caseId, cancellation) is not { } found)
            return new Outcome<CaseStory>.NotFound($"case {caseId}");
        return new Outcome<CaseStory>.Done(
            new CaseStory(
                found,
                await CaseTaskStore.OfCaseAsync(work, caseId, cancellation),
                await TaskActionStore.OfCaseAsync(work, caseId, cancellation),
                await EvidenceStore.OfCaseAsync(work, caseId, cancellation),
                await ApprovalStore.OfCaseAsync(work, caseId, cancellation),
                await DecisionStore.AttestationsAsync(work, caseId, cancellation),
                await DecisionStore.DispositionsAsync(work, caseId, cancellation),
                await SlaStore.OfCaseAsync(work, caseId, clock.GetUtcNow(), cancellation),
                await SealStore.FindAsync(work, caseId, cancellation),
                await NoteStore.CommentsAsync(work, caseId, cancellation),
                await DecisionStore.SeveritiesAsync(work, caseId, cancellation),
                await ProposalStore.OfCaseAsync(work, caseId, cancellation),
                await NoteStore.TagsAsync(work, caseId, cancellation),
                await NoteStore.WatchersAsync(work, caseId, cancellation),
                await RelationStore.OfCaseAsync(work, caseId, cancellation),
                await CaseAssetStore.OfCaseAsync(work, caseId, cancellation),
                found.Status == CaseState.Closed
                    ? []
                    : await ClosingStore.LeftAsync(work, caseId, cancellation),
                await DecisionStore.NamesAsync(work, cancellation),
                await TimelineStore.ReadAsync(work, caseId, cancellation)
            )
        );
    }

    /// <summary>By <c>INC-1</c>, <c>1</c> or the id itself; null where there is none.</summary>
    public async Task<Guid?> FindAsync(Secret secret, string named, CancellationToken cancellation)
    {
        if (Guid.TryParse(named, out var id))
            return id;
        if (!long.TryParse(named[(named.LastIndexOf('-') + 1)..], out var number))
            return null;
        await using var work = await PresentedTransaction.BeginAsync(
            database.Psa,
            secret,
            cancellation
        );
        var found = await CaseStore.FindByNumberAsync(work, number, cancellation);
        // PRB-1 is not INC-1: whoever says what it is means no other.
        return
            found is not null
            && named.Contains('-')
            && !string.Equals(found.Number, named, StringComparison.OrdinalIgnoreCase)
            ? null
            : found?.Id;
    }
}
