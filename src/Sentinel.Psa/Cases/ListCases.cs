using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Cases;

/// <summary>The cases of the presented organisation, newest first, a page at a time.</summary>
public sealed class ListCases(SentinelDatabase database)
{
    const int CasesMax = 200;

    /// <param name="before">The sequence of the last case of the page before, or null.</param>
    public async Task<Outcome<IReadOnlyList<Case>>> RunAsync(
        Secret secret,
        CaseState? status,
        long? before,
        CancellationToken cancellation
    )
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database.Psa,
            secret,
            cancellation
        );
        if (await PermissionStore.LackingAsync(work, "case.read", cancellation) is { } refusal)
            return new Outcome<IReadOnlyList<Case>>.Declined(refusal);
        return new Outcome<IReadOnlyList<Case>>.Done(
            await CaseStore.ListAsync(work, status, before, CasesMax, cancellation)
        );
    }
}
