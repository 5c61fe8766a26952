using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Cases;

namespace Sentinel.Psa.Relations;

/// <summary>How one case belongs to another.</summary>
public enum Relationship
{
    /// <summary>The child is a part of the parent's matter.</summary>
    Parent,

    /// <summary>Worth knowing of each other; neither is above.</summary>
    Related,

    /// <summary>The child takes up again what was closed.</summary>
    FollowOn,

    /// <summary>The child is the same matter as the parent. Nothing moves; own work counts in both.</summary>
    Merged,
}

/// <param name="Reason">Why; a merger always has one.</param>
public sealed record CaseLink(
    Guid Id,
    Relationship Relationship,
    Guid ParentCaseId,
    Guid ChildCaseId,
    string? Reason,
    Guid CreatedBy,
    DateTimeOffset CreatedAt
);

/// <summary>
/// Links two cases. No rows move, and nothing is lost: whatever was said, done and proved in a case
/// stays in it, and the link can be taken back. A link that closes a circle is refused.
/// </summary>
public sealed class LinkCases(SentinelDatabase database, TimeProvider clock)
{
    public Task<Outcome<CaseLink>> RunAsync(
        Secret secret,
        Guid parentCaseId,
        Guid childCaseId,
        Relationship relationship,
        string? reason,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed(Action(relationship), "case", childCaseId, childCaseId),
            work => InAsync(work, parentCaseId, childCaseId, relationship, reason, cancellation),
            cancellation
        );

    async Task<Outcome<CaseLink>> InAsync(
        PresentedTransaction work,
        Guid parentCaseId,
        Guid childCaseId,
        Relationship relationship,
        string? reason,
        CancellationToken cancellation
    )
    {
        foreach (var named in new[] { parentCaseId, childCaseId })
            if (await CaseStore.FindAsync(work, named, cancellation) is null)
                return new Outcome<CaseLink>.NotFound($"case {named}");
        var action = Action(relationship);
        var refusal =
            (
                relationship == Relationship.Merged
                    ? PermissionStore.UnlessPerson(work.Actor, action)
                    : null
            )
            ?? await PermissionStore.LackingAsync(work, Permission(relationship), cancellation)
            ?? ItsOwn(parentCaseId, childCaseId)
            ?? (
                relationship == Relationship.Merged || reason is not null
                    ? ReasonGiven.Missing(action, reason)
                    : null
            );
        if (refusal is not null)
            return new Outcome<CaseLink>.Declined(refusal);
        var now = clock.GetUtcNow();
        var link = new CaseLink(
            Guid.CreateVersion7(now),
            relationship,
            parentCaseId,
            childCaseId,
            reason,
            work.Actor.Id,
            now
        );
        await RelationStore.InsertAsync(work, link, cancellation);
        return new Outcome<CaseLink>.Done(link);
    }

    internal static string Action(Relationship relationship) =>
        relationship switch
        {
            Relationship.Merged => "case.merge",
            Relationship.Parent or Relationship.Related or Relationship.FollowOn => "case.link",
        };

    // A case that follows on another is a new case of its own, and needs what opening one needs.
    static string Permission(Relationship relationship) =>
        relationship == Relationship.FollowOn ? "case.open" : Action(relationship);

    static RuleRefusal? ItsOwn(Guid parentCaseId, Guid childCaseId) =>
        parentCaseId == childCaseId
            ? new RuleRefusal(
                "case_relationship.cycle",
                "a case is not linked to itself",
                "somebody who names another case"
            )
            : null;
}
