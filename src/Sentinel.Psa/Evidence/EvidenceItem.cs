namespace Sentinel.Psa.Evidence;

/// <summary>Proof of an action or a state, immutable once stored.</summary>
/// <param name="EvidenceType">log, screenshot, report, …</param>
/// <param name="Hash">SHA-256 of the bytes, 64 hexadecimal digits, lower case.</param>
/// <param name="StoredUri">
/// Relative to the data directory (<c>evidence/&lt;hash&gt;</c>), or <c>s3://bucket/…</c>.
/// </param>
/// <param name="DerivedFrom">The original of a redaction; it stays as it was.</param>
/// <param name="Derivation">What was taken out, and why.</param>
public sealed record EvidenceItem(
    Guid Id,
    Guid CaseId,
    string EvidenceType,
    string SourceSystem,
    string Title,
    string Hash,
    string StoredUri,
    long SizeBytes,
    Guid AttachedBy,
    DateTimeOffset CreatedAt,
    Guid? DerivedFrom = null,
    string? Derivation = null
);
