namespace Sentinel.Siem.Ingestion;

/// <summary>One record exactly as it was received; nothing after this stage changes it.</summary>
public sealed record RawEvent
{
    public required Guid OrganisationId { get; init; }

    /// <summary>The source registration that delivered it: who vouches for it.</summary>
    public required Guid SourceId { get; init; }

    /// <summary>windows, firewall, or what the registration is called.</summary>
    public required string SourceSystem { get; init; }

    /// <summary>
    /// What orders inputs at equal times, and what a hit names as the file: the registration's id, or the
    /// path where there is no database.
    /// </summary>
    public required string InputKey { get; init; }

    /// <summary>The file's name without its folder, where it came from a file; sources may ask for it.</summary>
    public string? FileName { get; init; }

    /// <summary>Its place in the input, counted from 0.</summary>
    public required long Index { get; init; }

    /// <summary>The line where the record begins, from 1; 0 where there are no lines.</summary>
    public long Line { get; init; }

    /// <summary>Identifies its place in the input whatever is appended later.</summary>
    public required Digest Position { get; init; }

    /// <summary>0 for the first delivery of this position.</summary>
    public int Delivery { get; init; }

    /// <summary>The raw event that was delivered first, where this is a redelivery.</summary>
    public Guid? DuplicateOf { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    public required string IngestionNode { get; init; }

    /// <summary>Received as it happened, so that its clock can be compared with ours.</summary>
    public bool Live { get; init; }

    /// <summary>As received, without the newline that ended it.</summary>
    public required ReadOnlyMemory<byte> PayloadBytes { get; init; }

    /// <summary>Over <see cref="PayloadBytes"/>.</summary>
    public required Digest PayloadHash { get; init; }

    /// <summary>Why the record cannot be read whatever the source, or null: binary, too long, cut.</summary>
    public string? Defect { get; init; }
}
