using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Findings;

public abstract record ListFindingsOutcome
{
    public sealed record Listed(IReadOnlyList<Finding> Findings) : ListFindingsOutcome;

    public sealed record Refused(string Reason) : ListFindingsOutcome;
}

/// <summary>The presented organisation's findings, latest first, for who may read findings.</summary>
public sealed class ListFindings(SentinelDatabase database)
{
    public const int FindingsMax = 10_000;

    /// <param name="state">Only those of this state, or null for all.</param>
    public async Task<ListFindingsOutcome> RunAsync(
        Secret secret,
        FindingState? state,
        int limit,
        CancellationToken cancellation
    )
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database.Siem,
            secret,
            cancellation
        );
        if (await PermissionStore.RefusalAsync(work, "finding.read", cancellation) is { } refusal)
            return new ListFindingsOutcome.Refused(refusal);
        var count = Math.Clamp(limit, 1, FindingsMax);
        return new ListFindingsOutcome.Listed(
            await FindingStore.ListAsync(work, state, count, cancellation)
        );
    }
}
