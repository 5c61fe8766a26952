using Npgsql;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;

namespace Sentinel.Siem.Ingestion;

public abstract record RawVerdict
{
    public sealed record Intact(long Batches, long RawEvents) : RawVerdict;

    /// <param name="Differences">Each names the raw event, or the batch where its hash was rewritten too.</param>
    public sealed record Different(IReadOnlyList<string> Differences) : RawVerdict;
}

/// <summary>
/// Whether the raw events are still those that were accepted: each against its own hash, each batch against
/// the Merkle root that its audit row carries. Whether the audit row is the one that was written, the audit
/// log's own tree says.
/// </summary>
public sealed class VerifyRawEvents(SentinelDatabase database, IRawEventStore rawEvents)
{
    const int DifferencesMax = 100;

    public async Task<RawVerdict> RunAsync(
        Secret secret,
        IProgress<long>? progress,
        CancellationToken cancellation
    )
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database.Auditor,
            secret,
            cancellation
        );
        var organisationId = work.Actor.OrganisationId;
        var batches = await BatchStore.ListAsync(work.Connection, organisationId, cancellation);
        var roots = await AuditedRootsAsync(work, cancellation);
        var differences = new List<string>();
        var rows = 0L;
        foreach (var batch in batches)
        {
            var known = differences.Count;
            var found = new List<StoredRawEvent>(batch.RawEvents);
            await foreach (
                var row in rawEvents.ReadBatchAsync(
                    work.Connection,
                    organisationId,
                    batch.Number,
                    cancellation
                )
            )
            {
                var hash = Digest.Of(row.Raw.PayloadBytes.Span);
                if (hash != row.Raw.PayloadHash)
                    differences.Add(
                        $"siem.raw_events {row.Id}: the bytes are not those of its payload_hash"
                    );
                found.Add(row with { Raw = row.Raw with { PayloadBytes = default } });
            }
            rows += found.Count;
            progress?.Report(rows);
            if (!roots.TryGetValue(batch.Id, out var root))
                differences.Add($"siem.batches {batch.Number}: it has no audit row");
            else if (BatchRoot.Of(found) != root)
                differences.Add(
                    $"siem.raw_events of batch {batch.Number} ({found.Count} of {batch.RawEvents} "
                        + "rows): they are not those whose Merkle root was audited"
                );
            else if (differences.Count == known)
                differences.AddRange(await OtherReadingsAsync(work, batch.Number, cancellation));
            if (differences.Count >= DifferencesMax)
                break;
        }
        return differences.Count > 0
            ? new RawVerdict.Different(differences)
            : new RawVerdict.Intact(batches.Count, rows);
    }

    // The JSON for reading is nothing of its own: it has to be what the bytes say, which are proved by now.
    static async Task<List<string>> OtherReadingsAsync(
        PresentedTransaction work,
        long batchNumber,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT id FROM siem.all_raw_events
            WHERE organisation_id = $1 AND batch_number = $2 AND payload IS NOT NULL
              AND payload <> convert_from(payload_bytes, 'UTF8')::jsonb
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(batchNumber);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        var differences = new List<string>();
        while (await reader.ReadAsync(cancellation))
            differences.Add(
                $"siem.raw_events {reader.GetGuid(0)}: its payload is not what its bytes say"
            );
        return differences;
    }

    static async Task<Dictionary<Guid, string>> AuditedRootsAsync(
        PresentedTransaction work,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT entity_id, metadata ->> 'merkle_root' FROM siem.audit_log
            WHERE organisation_id = $1 AND action = 'batch.created'
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        var roots = new Dictionary<Guid, string>();
        while (await reader.ReadAsync(cancellation))
            roots[reader.GetGuid(0)] = reader.GetString(1);
        return roots;
    }
}
