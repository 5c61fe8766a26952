namespace Sentinel.Siem.Ingestion;

/// <summary>Who delivers a file: what all of its raw events have in common.</summary>
public sealed record InputOrigin(
    Guid OrganisationId,
    Guid SourceId,
    string SourceSystem,
    string InputKey,
    string IngestionNode,
    string? FileName = null
);

/// <summary>A stream of records as raw events with their positions, batch by batch.</summary>
public sealed class FileInput(Stream stream, InputOrigin origin, TimeProvider clock)
{
    readonly RecordReader reader = new(stream);

    /// <summary>How many records were read so far.</summary>
    public long Count { get; private set; }

    /// <summary>The position of the last record; zero before the first.</summary>
    public Digest Position { get; private set; }

    /// <summary>The next raw events; none at the end.</summary>
    public IReadOnlyList<RawEvent> Read(int recordsMax)
    {
        var records = reader.Read(recordsMax);
        var raw = new RawEvent[records.Count];
        var receivedAt = clock.GetUtcNow();
        for (var i = 0; i < raw.Length; i++)
        {
            var hash = Digest.Of(records[i].Bytes.Span);
            Position = Digest.Chain(Position, hash);
            raw[i] = new RawEvent
            {
                OrganisationId = origin.OrganisationId,
                SourceId = origin.SourceId,
                SourceSystem = origin.SourceSystem,
                InputKey = origin.InputKey,
                FileName = origin.FileName,
                IngestionNode = origin.IngestionNode,
                Index = Count++,
                Line = records[i].Line,
                Position = Position,
                ReceivedAt = receivedAt,
                PayloadBytes = records[i].Bytes,
                PayloadHash = hash,
                Defect = records[i].Defect,
            };
        }
        return raw;
    }
}
