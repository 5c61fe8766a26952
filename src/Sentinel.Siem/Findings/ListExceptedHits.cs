using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Findings;

public abstract record ListExceptedOutcome
{
    /// <param name="Hits">The latest first.</param>
    public sealed record Excepted(IReadOnlyList<ExceptedHit> Hits) : ListExceptedOutcome;

    public sealed record Refused(string Reason) : ListExceptedOutcome;
}

/// <summary>What exceptions kept from becoming findings, for who may read findings.</summary>
public sealed class ListExceptedHits(SentinelDatabase database)
{
    public const int HitsMax = 10_000;

    /// <param name="from">The first time that counts, or null.</param>
    /// <param name="to">The first time that counts no more, or null.</param>
    public async Task<ListExceptedOutcome> RunAsync(
        Secret secret,
        DateTimeOffset? from,
        DateTimeOffset? to,
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
            return new ListExceptedOutcome.Refused(refusal);
        var range = (from ?? DateTimeOffset.MinValue, to ?? DateTimeOffset.MaxValue);
        var count = Math.Clamp(limit, 1, HitsMax);
        return new ListExceptedOutcome.Excepted(
            await ExceptedHitStore.ListAsync(work, range, count, cancellation)
        );
    }
}
