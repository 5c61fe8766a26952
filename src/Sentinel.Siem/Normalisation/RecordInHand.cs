using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Normalisation;

/// <summary>
/// The record that is being read. One object serves all the records of a reader, one after the other, so
/// that a record which becomes nothing costs nothing.
/// </summary>
sealed class RecordInHand
{
    RawEvent raw = null!;
    bool isWhole;
    RecordPositions? positions;

    public long Index { get; private set; }
    public long Line { get; private set; }
    public string? Defect { get; private set; }
    public ReadOnlyMemory<byte> Bytes { get; private set; }

    public Guid OrganisationId => raw.OrganisationId;
    public Guid SourceId => raw.SourceId;
    public string SourceSystem => raw.SourceSystem;
    public string InputKey => raw.InputKey;
    public string? FileName => raw.FileName;
    public int Delivery => raw.Delivery;
    public bool Live => raw.Live;
    public DateTimeOffset ReceivedAt => raw.ReceivedAt;
    public RecordPositions Positions => positions ??= new KnownPosition(raw.Position);

    /// <summary>A record that was received with all that belongs to it.</summary>
    public void Take(RawEvent whole)
    {
        (raw, isWhole, positions) = (whole, true, null);
        (Index, Line, Defect, Bytes) = (whole.Index, whole.Line, whole.Defect, whole.PayloadBytes);
    }

    /// <summary>Records of one input follow, which differ in bytes and place alone.</summary>
    public void Begin(RawEvent alike, RecordPositions places) =>
        (raw, isWhole, positions) = (alike, false, places);

    public void Take(in ReceivedRecord record, long index) =>
        (Index, Line, Defect, Bytes) = (index, record.Line, record.Defect, record.Bytes);

    /// <summary>To keep beyond the next record.</summary>
    public RawEvent ToRaw()
    {
        if (isWhole)
            return raw;
        var bytes = Bytes.ToArray();
        return raw with
        {
            Index = Index,
            Line = Line,
            Defect = Defect,
            Position = Positions.Of(Index),
            PayloadBytes = bytes,
            PayloadHash = Digest.Of(bytes),
        };
    }
}
