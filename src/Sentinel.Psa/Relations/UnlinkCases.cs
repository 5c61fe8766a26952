using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Cases;

namespace Sentinel.Psa.Relations;

/// <summary>
/// Takes a link back, with a tombstone that says why. Taking back a merger frees people from what they
/// did in the other case, so it is for a person who did none of the work.
/// </summary>
public sealed class UnlinkCases(SentinelDatabase database, TimeProvider clock)
{
    /// <param name="caseId">One of the two cases; <paramref name="otherCaseId"/> is the other.</param>
    public Task<Outcome<CaseLink>> RunAsync(
        Secret secret,
        Guid caseId,
        Guid otherCaseId,
        Relationship relationship,
        string reason,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed(Action(relationship), "case", caseId, caseId),
            work => InAsync(work, caseId, otherCaseId, relationship, reason, cancellation),
            cancellation
        );

    async Task<Outcome<CaseLink>> InAsync(
        PresentedTransaction work,
        Guid caseId,
        Guid otherCaseId,
        Relationship relationship,
        string reason,
        CancellationToken cancellation
    )
    {
        if (await CaseStore.FindAsync(work, caseId, cancellation) is null)
            return new Outcome<CaseLink>.NotFound($"case {caseId}");
        var link = await RelationStore.FindAsync(
            work,
            caseId,
            otherCaseId,
            relationship,
            cancellation
        );
        if (link is null)
            return new Outcome<CaseLink>.NotFound(
                $"link of case {caseId} to case {otherCaseId} as {relationship.Word()}"
            );
        var action = Action(relationship);
        var refusal =
            (
                relationship == Relationship.Merged
                    ? PermissionStore.UnlessPerson(work.Actor, action)
                    : null
            )
            ?? await PermissionStore.LackingAsync(
                work,
                LinkCases.Action(relationship),
                cancellation
            )
            ?? ReasonGiven.Missing(action, reason);
        if (refusal is not null)
            return new Outcome<CaseLink>.Declined(refusal);
        await TombstoneStore.InsertAsync(
            work,
            link.ChildCaseId,
            "case_relationship",
            link.Id,
            reason,
            clock.GetUtcNow(),
            cancellation
        );
        return new Outcome<CaseLink>.Done(link);
    }

    static string Action(Relationship relationship) =>
        relationship == Relationship.Merged ? "case.unmerge" : "case.unlink";
}
