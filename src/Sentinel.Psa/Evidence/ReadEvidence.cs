using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Evidence;

/// <summary>An item and its bytes, whose hash was right a moment ago. Dispose the content.</summary>
public sealed record EvidenceContent(EvidenceItem Item, Stream Content);

/// <summary>
/// Opens evidence for reading. The bytes are hashed on every read, and the custody log keeps who read
/// them and what the hash was, also where it was wrong.
/// </summary>
public sealed class ReadEvidence(
    SentinelDatabase database,
    EvidenceObjects objects,
    TimeProvider clock
)
{
    public async Task<Outcome<EvidenceContent>> RunAsync(
        Secret secret,
        Guid evidenceId,
        CancellationToken cancellation
    )
    {
        var seen = await AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("evidence.read", "evidence", evidenceId, null),
            work => InAsync(work, evidenceId, cancellation),
            cancellation
        );
        return seen.Match<Outcome<EvidenceContent>>(
            touched =>
                touched.HashSeen == touched.Item.Hash
                    ? new Outcome<EvidenceContent>.Done(
                        new EvidenceContent(touched.Item, objects.Open(touched.Item.Hash))
                    )
                    : new Outcome<EvidenceContent>.Declined(Changed(touched)),
            missing => new Outcome<EvidenceContent>.NotFound(missing),
            refusal => new Outcome<EvidenceContent>.Declined(refusal)
        );
    }

    async Task<Outcome<Touched>> InAsync(
        PresentedTransaction work,
        Guid evidenceId,
        CancellationToken cancellation
    )
    {
        if (await EvidenceStore.FindAsync(work, evidenceId, cancellation) is not { } item)
            return new Outcome<Touched>.NotFound($"evidence {evidenceId}");
        if (await PermissionStore.LackingAsync(work, "evidence.read", cancellation) is { } refusal)
            return new Outcome<Touched>.Declined(refusal);
        var hashSeen = await objects.HashSeenAsync(item.Hash, cancellation);
        await EvidenceStore.CustodyAsync(
            work,
            item,
            hashSeen == item.Hash ? CustodyAct.Read : CustodyAct.FoundChanged,
            hashSeen,
            clock.GetUtcNow(),
            cancellation
        );
        return new Outcome<Touched>.Done(new Touched(item, hashSeen));
    }

    static RuleRefusal Changed(Touched touched) =>
        new(
            "evidence.changed",
            touched.HashSeen is null
                ? $"the object {touched.Item.StoredUri} is gone"
                : $"the object {touched.Item.StoredUri} has SHA-256 {touched.HashSeen}",
            "whoever keeps the copies of the data directory restores it"
        );

    sealed record Touched(EvidenceItem Item, string? HashSeen);
}
