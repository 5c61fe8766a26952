using Microsoft.Extensions.Logging;

namespace Sentinel.Siem.Escalation;

static partial class EscalationLogMessages
{
    [LoggerMessage(
        LogLevel.Information,
        "Finding {FindingId} escalates by {Policy} as {EscalationId} ({CorrelationId})"
    )]
    public static partial void FindingEscalating(
        this ILogger log,
        Guid findingId,
        string policy,
        Guid escalationId,
        Guid correlationId
    );

    [LoggerMessage(
        LogLevel.Information,
        "Escalation {EscalationId} became case {CaseId} ({CorrelationId})"
    )]
    public static partial void EscalationDelivered(
        this ILogger log,
        Guid escalationId,
        Guid caseId,
        Guid correlationId
    );

    [LoggerMessage(
        LogLevel.Warning,
        "Escalation {EscalationId} could not be delivered, attempt {Attempt}"
    )]
    public static partial void EscalationFailed(
        this ILogger log,
        Exception failure,
        Guid escalationId,
        int attempt
    );
}
