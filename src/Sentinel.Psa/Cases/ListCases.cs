using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Cases;

/// <summary>Which cases: all that is given has to hold.</summary>
/// <param name="Mine">Owned by whoever asks.</param>
/// <param name="Watched">Watched by whoever asks.</param>
public sealed record CaseFilter(
    CaseState? Status = null,
    string? CaseType = null,
    string? Queue = null,
    Guid? OwnerId = null,
    string? Tag = null,
    bool Mine = false,
    bool Watched = false
);

/// <summary>The cases of the presented organisation, newest first, a page at a time.</summary>
public sealed class ListCases(SentinelDatabase database)
{
    const int CasesMax = 200;

    /// <param name="before">The sequence of the last case of the page before, or null.</param>
    public Task<Outcome<IReadOnlyList<Case>>> RunAsync(
        Secret secret,
        CaseFilter filter,
        long? before,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("case.read", "case", null, null),
            work => InAsync(work, filter, before, cancellation),
            cancellation
        );

    static async Task<Outcome<IReadOnlyList<Case>>> InAsync(
        PresentedTransaction work,
        CaseFilter filter,
        long? before,
        CancellationToken cancellation
    )
    {
        if (await PermissionStore.LackingAsync(work, "case.read", cancellation) is { } refusal)
            return new Outcome<IReadOnlyList<Case>>.Declined(refusal);
        return new Outcome<IReadOnlyList<Case>>.Done(
            await CaseStore.ListAsync(work, filter, before, CasesMax, cancellation)
        );
    }
}
