using Sentinel.Postgres;
using Sentinel.Postgres.Access;

namespace Sentinel.Siem.Ingestion;

/// <summary>
/// A file as the batches that nobody has committed yet. Positions chain, and each is committed once, so
/// the committed part is found by walking: the batch that begins here, the one that begins where it ends.
/// </summary>
sealed class FileResume(SentinelDatabase database, FileInput input, Guid sourceId)
{
    const int ReadAheadMax = 256;
    const int SmallBytes = 64 * 1024;

    readonly List<RawEvent> pending = [];
    int readAhead = 1;
    bool ended;

    /// <summary>Positions that had been committed before.</summary>
    public long SeenBefore { get; private set; }

    /// <summary>The input that this file goes on with; null where it is one of its own.</summary>
    public Guid? Continues { get; private set; }

    /// <summary>Walks over what is committed, from where the file stands now.</summary>
    public async Task SkipCommittedAsync(Secret secret, CancellationToken cancellation)
    {
        while (Fill(1, long.MaxValue))
        {
            await using var work = await PresentedTransaction.BeginAsync(
                database.Siem,
                secret,
                cancellation
            );
            var first = pending[0].Position;
            if (
                await InputStore.FindBatchAsync(work, sourceId, first, cancellation)
                is not { } batch
            )
                return;
            Fill(batch.RawEvents, batch.PayloadBytes);
            var same =
                pending.Count >= batch.RawEvents
                && pending[batch.RawEvents - 1].Position == batch.LastPosition
                    ? batch.RawEvents
                    : CommonPrefix(
                        await InputStore.PositionsAsync(work, batch.Number, cancellation)
                    );
            Continues = same == batch.RawEvents ? batch.EndOf : null;
            pending.RemoveRange(0, same);
            SeenBefore += same;
        }
    }

    /// <summary>The next records, as many as a batch takes; none at the end.</summary>
    public IReadOnlyList<RawEvent> Next()
    {
        Fill(IngestBatch.RecordsMax, IngestBatch.BytesMax);
        var count = 0;
        long bytes = 0;
        while (count < pending.Count && count < IngestBatch.RecordsMax)
        {
            bytes += pending[count].PayloadBytes.Length;
            if (count > 0 && bytes > IngestBatch.BytesMax)
                break;
            count++;
        }
        return pending[..count];
    }

    public void Committed(int records) => pending.RemoveRange(0, records);

    int CommonPrefix(IReadOnlyList<Digest> positions)
    {
        var same = 0;
        while (
            same < positions.Count
            && same < pending.Count
            && positions[same] == pending[same].Position
        )
            same++;
        return same;
    }

    /// <summary>Reads until there are so many records, or more bytes than that, or no more.</summary>
    bool Fill(int records, long bytesMax)
    {
        var bytes = pending.Sum(raw => (long)raw.PayloadBytes.Length);
        while (!ended && pending.Count < records && bytes <= bytesMax)
        {
            var read = input.Read(Math.Min(readAhead, records - pending.Count));
            pending.AddRange(read);
            ended = read.Count == 0;
            var size = read.Sum(raw => (long)raw.PayloadBytes.Length);
            bytes += size;
            // Few at a time while they are large: a file of 10 MiB lines is read as calmly as any.
            readAhead = size > SmallBytes ? 1 : Math.Min(readAhead * 2, ReadAheadMax);
        }
        return pending.Count > 0;
    }
}
