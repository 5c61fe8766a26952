using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Cases;

/// <summary>Gives the case another owner; every owner stays in the audit log.</summary>
public sealed class AssignCase(SentinelDatabase database)
{
    public Task<Outcome<Case>> RunAsync(
        Secret secret,
        Guid caseId,
        Guid ownerId,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("case.assign", "case", caseId, caseId),
            work => InAsync(work, caseId, ownerId, cancellation),
            cancellation
        );

    static async Task<Outcome<Case>> InAsync(
        PresentedTransaction work,
        Guid caseId,
        Guid ownerId,
        CancellationToken cancellation
    )
    {
        if (await CaseStore.LockAsync(work, caseId, cancellation) is null)
            return new Outcome<Case>.NotFound($"case {caseId}");
        if (!await PersonStore.ExistsAsync(work, ownerId, cancellation))
            return new Outcome<Case>.NotFound($"user {ownerId}");
        if (await PermissionStore.LackingAsync(work, "case.assign", cancellation) is { } refusal)
            return new Outcome<Case>.Declined(refusal);
        await CaseStore.SetOwnerAsync(work, caseId, ownerId, cancellation);
        var assigned = await CaseStore.FindAsync(work, caseId, cancellation);
        return new Outcome<Case>.Done(assigned!);
    }
}
