namespace Sentinel.Siem.Ingestion;

/// <summary>
/// Where the records of one input stand. Found out when asked: ids derive from it, and most records take
/// part in no hit that needs one.
/// </summary>
abstract class RecordPositions
{
    public abstract Digest Of(long index);
}

/// <summary>The position of one record, known since it was received.</summary>
sealed class KnownPosition(in Digest position) : RecordPositions
{
    /// <summary>Of an event whose ids are known.</summary>
    public static KnownPosition Unasked { get; } = new(Digest.Zero);

    readonly Digest position = position;

    public override Digest Of(long index) => position;
}
