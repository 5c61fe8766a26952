using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Failures;

public abstract record ListFailuresOutcome
{
    public sealed record Listed(FailureList Failures) : ListFailuresOutcome;

    public sealed record Refused(string Reason) : ListFailuresOutcome;
}

/// <summary>
/// What could not be read, latest first: reason, place, bytes, and how often. The bytes are those of raw
/// events, so it takes the permission to search them.
/// </summary>
public sealed class ListFailures(SentinelDatabase database)
{
    public const int PreviewBytes = 160;
    public const int FailuresMax = 10_000;

    public async Task<ListFailuresOutcome> RunAsync(
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
        if (await PermissionStore.RefusalAsync(work, "event.search", cancellation) is { } refusal)
            return new ListFailuresOutcome.Refused(refusal);
        var counts = await FailureStore.CountAsync(work, cancellation);
        var latest = await FailureStore.ListAsync(
            work,
            Math.Clamp(limit, 1, FailuresMax),
            PreviewBytes,
            cancellation
        );
        return new ListFailuresOutcome.Listed(new FailureList(counts, latest));
    }
}

public sealed record FailureList(
    IReadOnlyList<FailureCount> Counts,
    IReadOnlyList<IngestFailure> Latest
)
{
    public long Total => Counts.Sum(count => count.Count);
}
