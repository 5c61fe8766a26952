using Sentinel.Postgres;
using Sentinel.Postgres.Access;

namespace Sentinel.Siem.Failures;

/// <summary>What could not be read, latest first: reason, place, bytes, and how often.</summary>
public sealed class ListFailures(SentinelDatabase database)
{
    public const int PreviewBytes = 160;
    public const int FailuresMax = 10_000;

    public async Task<FailureList> RunAsync(
        Secret secret,
        int limit,
        CancellationToken cancellation
    )
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database.Siem,
            secret,
            cancellation
        );
        return new FailureList(
            await FailureStore.CountAsync(work, cancellation),
            await FailureStore.ListAsync(
                work,
                Math.Clamp(limit, 1, FailuresMax),
                PreviewBytes,
                cancellation
            )
        );
    }
}

public sealed record FailureList(
    IReadOnlyList<FailureCount> Counts,
    IReadOnlyList<IngestFailure> Latest
)
{
    public long Total => Counts.Sum(count => count.Count);
}
