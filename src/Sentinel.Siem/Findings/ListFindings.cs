using Sentinel.Postgres;
using Sentinel.Postgres.Access;

namespace Sentinel.Siem.Findings;

/// <summary>The presented organisation's findings, latest first.</summary>
public sealed class ListFindings(SentinelDatabase database)
{
    public const int FindingsMax = 10_000;

    /// <param name="state">Only those of this state, or null for all.</param>
    public async Task<IReadOnlyList<Finding>> RunAsync(
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
        return await FindingStore.ListAsync(
            work,
            state,
            Math.Clamp(limit, 1, FindingsMax),
            cancellation
        );
    }
}
