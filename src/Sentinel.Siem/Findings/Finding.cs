using Sentinel.Siem.Correlation;

namespace Sentinel.Siem.Findings;

/// <summary>What detection has to say: severity and confidence apart, and why.</summary>
public sealed record Finding
{
    public required Guid Id { get; init; }

    public required Guid OrganisationId { get; init; }

    /// <summary>From the batch of the first line to the closed case.</summary>
    public required Guid CorrelationId { get; init; }

    public required string Type { get; init; }

    public required int Severity { get; init; }

    public required int Confidence { get; init; }

    public required FindingState State { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The hit that raised it; later ones point to it.</summary>
    public required Guid HitId { get; init; }

    public required Guid RuleId { get; init; }

    public required string RuleName { get; init; }

    public required string PolicySha256 { get; init; }

    public required string Summary { get; init; }

    public required IReadOnlyDictionary<string, string> Fields { get; init; }

    public required IReadOnlyList<Guid> AssetIds { get; init; }

    public Guid? PsaCaseId { get; init; }

    /// <summary>The finding that a hit raises; null for one that is counted on an earlier finding.</summary>
    public static Finding? From(
        CorrelationHit hit,
        Guid organisationId,
        Guid correlationId,
        DateTimeOffset createdAt
    ) =>
        hit.Suppressed
            ? null
            : new Finding
            {
                Id = hit.FindingId,
                OrganisationId = organisationId,
                CorrelationId = correlationId,
                Type = hit.FindingType,
                Severity = hit.Severity,
                Confidence = hit.Confidence,
                State = FindingState.New,
                CreatedAt = createdAt,
                HitId = hit.Id,
                RuleId = hit.RuleId,
                RuleName = hit.RuleName,
                PolicySha256 = hit.PolicySha256,
                Summary = hit.Message,
                Fields = hit.Fields,
                AssetIds = hit.AssetIds,
            };
}
