namespace Sentinel.Siem.Ingestion;

/// <summary>
/// Records of one input that are committed together, with everything that follows from them, or not at all.
/// </summary>
/// <param name="CorrelationId">One id from here to the closed case, for every log.</param>
/// <param name="Delivery">0 for records that were never seen before; else which redelivery this is.</param>
public sealed record IngestBatch(
    Input Input,
    IReadOnlyList<RawEvent> Raw,
    Guid CorrelationId,
    int Delivery = 0
)
{
    /// <summary>Few enough that a batch commits within the second, many enough to be worth it.</summary>
    public const int RecordsMax = 4_000;

    public const int BytesMax = 16 * 1024 * 1024;
}

/// <summary>What was counted; adds up over batches.</summary>
public sealed record IngestCounts
{
    public long Lines { get; init; }

    /// <summary>Rows written: events + unparsed + duplicates.</summary>
    public long RawEvents { get; init; }

    public long Events { get; init; }

    public long Unparsed { get; init; }

    public long Duplicates { get; init; }

    /// <summary>Positions that had been committed before; nothing was written for them.</summary>
    public long SeenBefore { get; init; }

    public long Hits { get; init; }

    public long Findings { get; init; }

    /// <summary>Matches that became final and that exceptions of their rules mean to be so.</summary>
    public long Excepted { get; init; }

    public static IngestCounts operator +(IngestCounts left, IngestCounts right) =>
        new()
        {
            Lines = left.Lines + right.Lines,
            RawEvents = left.RawEvents + right.RawEvents,
            Events = left.Events + right.Events,
            Unparsed = left.Unparsed + right.Unparsed,
            Duplicates = left.Duplicates + right.Duplicates,
            SeenBefore = left.SeenBefore + right.SeenBefore,
            Hits = left.Hits + right.Hits,
            Findings = left.Findings + right.Findings,
            Excepted = left.Excepted + right.Excepted,
        };
}
