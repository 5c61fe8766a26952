using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Evidence;

/// <summary>An item and its bytes, which were hashed and are right. Dispose the content.</summary>
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
        var outcome = await AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("evidence.read", "evidence", evidenceId, null),
            work => InAsync(work, evidenceId, cancellation),
            cancellation
        );
        // Custody keeps that it was found changed; nobody is given the bytes.
        if (
            outcome is Outcome<Touched>.Done(var touched)
            && touched.Seen?.Hash != touched.Item.Hash
        )
        {
            if (touched.Seen is not null)
                await touched.Seen.Content.DisposeAsync();
            return new Outcome<EvidenceContent>.Declined(Changed(touched));
        }
        return outcome.Match<Outcome<EvidenceContent>>(
            read => new Outcome<EvidenceContent>.Done(
                new EvidenceContent(read.Item, read.Seen!.Content)
            ),
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
        var seen = await objects.ReadAsync(item.Hash, cancellation);
        await EvidenceStore.CustodyAsync(
            work,
            item,
            seen?.Hash == item.Hash ? CustodyAct.Read : CustodyAct.FoundChanged,
            seen?.Hash,
            clock.GetUtcNow(),
            cancellation
        );
        return new Outcome<Touched>.Done(new Touched(item, seen));
    }

    static RuleRefusal Changed(Touched touched) =>
        new(
            "evidence.changed",
            touched.Seen is null
                ? $"the object {touched.Item.StoredUri} is gone"
                : $"the object {touched.Item.StoredUri} has SHA-256 {touched.Seen.Hash}",
            "whoever keeps the copies of the data directory restores it"
        );

    sealed record Touched(EvidenceItem Item, SeenObject? Seen);
}
