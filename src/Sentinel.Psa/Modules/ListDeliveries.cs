using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Cases;

namespace Sentinel.Psa.Modules;

/// <summary>What modules delivered to a case, what no mapping knew of it, and which assets it proposes.</summary>
public sealed class ListDeliveries(SentinelDatabase database)
{
    public Task<Outcome<IReadOnlyList<ModuleReceipt>>> RunAsync(
        Secret secret,
        Guid caseId,
        CancellationToken cancellation
    ) =>
        AttemptStore.ReadAsync(
            database.Psa,
            secret,
            new Deed("case.read", "case", caseId, caseId),
            "case.read",
            work => InAsync(work, caseId, cancellation),
            cancellation
        );

    static async Task<Outcome<IReadOnlyList<ModuleReceipt>>> InAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        if (await CaseStore.FindAsync(work, caseId, cancellation) is null)
            return new Outcome<IReadOnlyList<ModuleReceipt>>.NotFound($"case {caseId}");
        return new Outcome<IReadOnlyList<ModuleReceipt>>.Done(
            await ModuleStore.OfCaseAsync(work, caseId, cancellation)
        );
    }
}
