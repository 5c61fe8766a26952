namespace Sentinel.Psa.Automation;

/// <summary>Where a version of a workflow stands.</summary>
public enum LibraryState
{
    /// <summary>The presented person is drawing it; nobody else sees it.</summary>
    Draft,

    /// <summary>Stored for good; it runs once a second person has published it.</summary>
    Proposed,

    Published,
}

/// <summary>One version of a workflow, for people to choose, compare and publish.</summary>
/// <param name="Author">Who proposed it; null where it ships with Sentinel.</param>
/// <param name="IsLatest">What an editor opens: one's own draft, else the newest version.</param>
/// <param name="InForce">What new instances follow.</param>
public sealed record LibraryEntry(
    Guid VersionId,
    string DefinitionId,
    string Name,
    string? Description,
    int Version,
    LibraryState State,
    bool IsShipped,
    string Sha256,
    string? Author,
    DateTimeOffset CreatedAt,
    string? Approver,
    DateTimeOffset? PublishedAt,
    bool IsLatest = false,
    bool InForce = false
);

/// <param name="Json">Its text, as it is stored and hashed.</param>
public sealed record LibraryText(LibraryEntry Entry, string Json);
