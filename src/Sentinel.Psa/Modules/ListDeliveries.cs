using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Cases;

namespace Sentinel.Psa.Modules;

/// <summary>What modules delivered to a case, what no mapping knew of it, and which assets it proposes.</summary>
public sealed class ListDeliveries(SentinelDatabase database)
{
    public async Task<Outcome<IReadOnlyList<ModuleReceipt>>> RunAsync(
        Secret secret,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database.Psa,
            secret,
            cancellation
        );
        if (await PermissionStore.LackingAsync(work, "case.read", cancellation) is { } refusal)
            return new Outcome<IReadOnlyList<ModuleReceipt>>.Declined(refusal);
        if (await CaseStore.FindAsync(work, caseId, cancellation) is null)
            return new Outcome<IReadOnlyList<ModuleReceipt>>.NotFound($"case {caseId}");
        return new Outcome<IReadOnlyList<ModuleReceipt>>.Done(
            await ModuleStore.OfCaseAsync(work, caseId, cancellation)
        );
    }
}
