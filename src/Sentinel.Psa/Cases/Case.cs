namespace Sentinel.Psa.Cases;

/// <summary>Incident, problem, change or audit: what it is, where it stands, who owns it.</summary>
/// <param name="Sequence">Dense within the organisation; people say it with its type.</param>
/// <param name="Severity">0 to 10: what a person decided last, else what was proposed.</param>
/// <param name="Confidence">0 to 100, never folded into the severity.</param>
public sealed record Case(
    Guid Id,
    long Sequence,
    string CaseType,
    string SourceSystem,
    int Severity,
    int? Confidence,
    CaseState Status,
    string Summary,
    DateTimeOffset OpenedAt,
    DateTimeOffset? RespondedAt,
    DateTimeOffset? ResolvedAt,
    DateTimeOffset? ClosedAt,
    Guid OpenedBy,
    Guid? ResolvedBy,
    Guid? ClosedBy,
    string? Queue,
    Guid? OwnerId,
    Guid CorrelationId,
    Guid? FindingId,
    string? PolicyName,
    int? PolicyVersion,
    string? PolicySha256,
    int ProposedSeverity
)
{
    public static IReadOnlyList<string> Types { get; } = ["incident", "problem", "change", "audit"];

    /// <summary>For people: <c>INC-1</c>.</summary>
    public string Number => $"{Prefix(CaseType)}-{Sequence}";

    internal static string Prefix(string caseType) =>
        caseType switch
        {
            "incident" => "INC",
            "problem" => "PRB",
            "change" => "CHG",
            _ => "AUD",
        };
}

/// <summary>What a case is opened with; the number is the database's to give.</summary>
sealed record NewCase(
    Guid Id,
    string CaseType,
    string SourceSystem,
    int Severity,
    int? Confidence,
    string Summary,
    DateTimeOffset OpenedAt,
    Guid? QueueId,
    Guid? OwnerId,
    Guid CorrelationId,
    Guid? FindingId,
    string? PolicyName,
    int? PolicyVersion,
    string? PolicySha256
);
