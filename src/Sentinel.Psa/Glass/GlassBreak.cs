namespace Sentinel.Psa.Glass;

/// <summary>What somebody took for hours that their role does not give, and what came of it.</summary>
/// <param name="Verdict"><c>justified</c> or <c>unjustified</c>; null until somebody else has looked.</param>
public sealed record GlassBreak(
    Guid Id,
    Guid BrokenBy,
    string Permission,
    string Reason,
    int Minutes,
    DateTimeOffset BrokenAt,
    DateTimeOffset? MendedAt,
    Guid? ReviewedBy,
    string? Verdict,
    string? Review
);
