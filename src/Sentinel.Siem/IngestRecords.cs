using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Siem;

/// <summary>
/// Takes the records of one request, live. A request delivered again, by its idempotency key, leaves a raw
/// row for each delivery and no second event; what its first delivery did not commit is taken now.
/// </summary>
public sealed class IngestRecords(SentinelDatabase database, EventPath path, TimeProvider clock)
{
    public const int RecordsMax = 100_000;
    public const int KeyCharsMax = 200;

    readonly MicrosecondClock clock = new(clock);

    /// <param name="source">The registration that vouches for them.</param>
    /// <param name="idempotencyKey">The same for the same request, however often it is sent.</param>
    public async Task<IngestOutcome> RunAsync(
        Secret secret,
        string source,
        string idempotencyKey,
        IReadOnlyList<ReadOnlyMemory<byte>> records,
        CancellationToken cancellation
    )
    {
        if (idempotencyKey.Length is 0 or > KeyCharsMax)
            return new IngestOutcome.Refused(
                $"The idempotency key has to have 1 to {KeyCharsMax} characters."
            );
        if (records.Count > RecordsMax)
            return new IngestOutcome.Refused($"At most {RecordsMax} records a request.");
        var receivedAt = clock.GetUtcNow();
        var opened = await path.OpenSourceAsync(secret, source, receivedAt, cancellation);
        if (opened.Refusal is { } reason)
            return new IngestOutcome.Refused(reason);
        var input = Input.Http(opened.Origin!.SourceId, idempotencyKey);
        var earlier = await DeliveredAsync(secret, input.Id, cancellation);
        var raw = records
            .Select(
                (bytes, index) =>
                    Received(opened.Origin, bytes, index, idempotencyKey, receivedAt, earlier)
            )
            .ToList();
        if (raw.FirstOrDefault(one => IsOther(one, earlier)) is { } other)
            return new IngestOutcome.Refused(
                $"Record {other.Index} differs from the one that was delivered under this "
                    + "idempotency key before: use a new key for new records."
            );
        return await TakeAsync(secret, input, raw, cancellation);
    }

    async Task<IngestOutcome> TakeAsync(
        Secret secret,
        Input input,
        IReadOnlyList<RawEvent> raw,
        CancellationToken cancellation
    )
    {
        var correlationId = Guid.CreateVersion7(clock.GetUtcNow());
        var counts = new IngestCounts { Lines = raw.Count };
        foreach (var delivery in raw.GroupBy(one => one.Delivery).OrderByDescending(g => g.Key))
        foreach (var chunk in delivery.Chunk(IngestBatch.RecordsMax))
        {
            var batch = new IngestBatch(input, chunk, correlationId, delivery.Key);
            var options = new NormaliserOptions();
            if (await path.RunAsync(secret, batch, options, cancellation) is not { } written)
                return new IngestOutcome.Refused(
                    "The same request is being taken right now: send it again."
                );
            counts += written;
        }
        return new IngestOutcome.Ingested(counts);
    }

    async Task<EarlierDelivery> DeliveredAsync(
        Secret secret,
        Guid inputId,
        CancellationToken cancellation
    )
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database.Siem,
            secret,
            cancellation
        );
        var (_, deliveries) = await InputStore.FindAsync(work, inputId, cancellation);
        var first =
            deliveries == 0 ? [] : await InputStore.DeliveredAsync(work, inputId, cancellation);
        return new EarlierDelivery(deliveries, first);
    }

    static RawEvent Received(
        InputOrigin origin,
        ReadOnlyMemory<byte> bytes,
        int index,
        string idempotencyKey,
        DateTimeOffset receivedAt,
        EarlierDelivery earlier
    )
    {
        var position = Input.HttpPosition(idempotencyKey, index);
        var again = earlier.First.TryGetValue(position, out var first);
        return new RawEvent
        {
            OrganisationId = origin.OrganisationId,
            SourceId = origin.SourceId,
            SourceSystem = origin.SourceSystem,
            InputKey = origin.InputKey,
            Index = index,
            Position = position,
            Delivery = again ? earlier.Deliveries : 0,
            DuplicateOf = again ? first.Id : null,
            ReceivedAt = receivedAt,
            IngestionNode = origin.IngestionNode,
            Live = true,
            PayloadBytes = bytes,
            PayloadHash = Digest.Of(bytes.Span),
            Defect = RecordDefect.Of(bytes.Span),
        };
    }

    static bool IsOther(RawEvent raw, EarlierDelivery earlier) =>
        earlier.First.TryGetValue(raw.Position, out var first)
        && first.PayloadHash != raw.PayloadHash;

    sealed record EarlierDelivery(
        int Deliveries,
        Dictionary<Digest, (Guid Id, Digest PayloadHash)> First
    );
}
