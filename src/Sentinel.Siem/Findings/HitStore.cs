using Npgsql;
using NpgsqlTypes;
using Sentinel.Postgres.Access;
using Sentinel.Siem.Correlation;

namespace Sentinel.Siem.Findings;

/// <summary>Hits as they fired, and what the watermark made of them.</summary>
static class HitStore
{
    /// <param name="raising">Those that raised their finding: they keep every event.</param>
    public static async Task AppendAsync(
        PresentedTransaction work,
        IReadOnlyList<(CorrelationHit Hit, bool Final)> hits,
        HashSet<Guid> raising,
        long batchNumber,
        CancellationToken cancellation
    )
    {
        const string create = """
            CREATE TEMPORARY TABLE incoming_hits (LIKE siem.correlation_hits) ON COMMIT DROP
            """;
        const string copy = """
            COPY incoming_hits (organisation_id, id, rule_id, triggered_at, event_ids, confidence, stage,
                key, first_time, last_time, event_count, reasons, canonical, batch_number, finding_id)
            FROM STDIN (FORMAT BINARY)
            """;
        const string insert = "INSERT INTO siem.correlation_hits SELECT * FROM incoming_hits";
        if (hits.Count == 0)
            return;
        await ExecuteAsync(work, create, cancellation);
        await using (var writer = await work.Connection.BeginBinaryImportAsync(copy, cancellation))
        {
            foreach (var (hit, final) in hits)
            {
                var stage = final ? "final" : "provisional";
                var later = !raising.Contains(hit.Id);
                await WriteAsync(writer, work, hit, later, stage, batchNumber, cancellation);
            }
            await writer.CompleteAsync(cancellation);
        }
        await ExecuteAsync(work, insert, cancellation);
    }

    /// <summary>What became of hits, all in one go; of each the last that a batch made of it.</summary>
    public static async Task SettleAsync(
        PresentedTransaction work,
        IReadOnlyList<HitSettlement> all,
        long batchNumber,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        List<HitSettlement> settled = [.. all.Reverse().DistinctBy(one => one.HitId).Reverse()];
        const string sql = """
            INSERT INTO siem.hit_settlements (organisation_id, hit_id, outcome, canonical, batch_number,
                settled_at)
            SELECT $1, s.hit_id, s.outcome, s.canonical, $2, $3
            FROM unnest($4, $5, $6) AS s (hit_id, outcome, canonical)
            """;
        if (settled.Count == 0)
            return;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(batchNumber);
        command.Parameters.AddWithValue(now);
        command.Parameters.AddWithValue(settled.Select(one => one.HitId).ToArray());
        command.Parameters.AddWithValue(settled.Select(one => one.Outcome).ToArray());
        command.Parameters.Add(
            new NpgsqlParameter<string?[]>
            {
                NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
                TypedValue =
                [
                    .. settled.Select(one => one.Hit is null ? null : HitJson.OfLater(one.Hit)),
                ],
            }
        );
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>The canonical text of a hit, or null where there is none of this id.</summary>
    public static async Task<string?> CanonicalAsync(
        PresentedTransaction work,
        Guid hitId,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT canonical FROM siem.correlation_hits WHERE organisation_id = $1 AND id = $2
            """;
        await using var command = work.Command(sql);
        command.Parameters.AddWithValue(work.Actor.OrganisationId);
        command.Parameters.AddWithValue(hitId);
        return (string?)await command.ExecuteScalarAsync(cancellation);
    }

    static async Task WriteAsync(
        NpgsqlBinaryImporter writer,
        PresentedTransaction work,
        CorrelationHit hit,
        bool later,
        string stage,
        long batchNumber,
        CancellationToken cancellation
    )
    {
        var events = later ? hit.Events.TakeLast(1) : hit.Events;
        await writer.StartRowAsync(cancellation);
        await writer.WriteAsync(work.Actor.OrganisationId, cancellation);
        await writer.WriteAsync(hit.Id, cancellation);
        await writer.WriteAsync(hit.RuleId, cancellation);
        await writer.WriteAsync(hit.Last.ToUniversalTime(), cancellation);
        await writer.WriteAsync(
            events.Select(found => found.EventId).ToArray(),
            NpgsqlDbType.Array | NpgsqlDbType.Uuid,
            cancellation
        );
        await writer.WriteAsync(hit.Confidence, cancellation);
        await writer.WriteAsync(stage, cancellation);
        await writer.WriteAsync(HitJson.Of(hit.Key), NpgsqlDbType.Jsonb, cancellation);
        await writer.WriteAsync(hit.First.ToUniversalTime(), cancellation);
        await writer.WriteAsync(hit.Last.ToUniversalTime(), cancellation);
        await writer.WriteAsync(hit.Count, cancellation);
        await writer.WriteAsync(HitJson.Of(hit.Reasons), NpgsqlDbType.Jsonb, cancellation);
        await writer.WriteAsync(later ? HitJson.OfLater(hit) : HitJson.Of(hit), cancellation);
        await writer.WriteAsync(batchNumber, cancellation);
        await writer.WriteAsync(hit.FindingId, cancellation);
    }

    static async Task ExecuteAsync(
        PresentedTransaction work,
        string sql,
        CancellationToken cancellation
    )
    {
        await using var command = work.Command(sql);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}

/// <param name="Outcome">confirmed, corrected or withdrawn.</param>
/// <param name="Hit">What the match finally is, where it is another one.</param>
sealed record HitSettlement(Guid HitId, string Outcome, CorrelationHit? Hit);
