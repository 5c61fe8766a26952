using Microsoft.Extensions.Logging;

namespace Sentinel.Psa.Audit;

/// <summary>Every message of casework, as a fixed template.</summary>
static partial class LogMessages
{
    [LoggerMessage(
        2001,
        LogLevel.Information,
        "Case {CaseId} holds finding {FindingId} ({CorrelationId})"
    )]
    public static partial void CaseOpened(
        this ILogger log,
        Guid caseId,
        Guid findingId,
        Guid correlationId
    );

    [LoggerMessage(2002, LogLevel.Warning, "Escalation {EscalationId} refused by {Rule}: {Reason}")]
    public static partial void EscalationRefused(
        this ILogger log,
        Guid escalationId,
        string rule,
        string reason
    );

    [LoggerMessage(
        2003,
        LogLevel.Warning,
        "Workflow {Definition} is not published; case {CaseId} opened without it"
    )]
    public static partial void WorkflowMissing(this ILogger log, string definition, Guid caseId);

    [LoggerMessage(
        2004,
        LogLevel.Warning,
        "Request {Id} to a connector was not taken at attempt {Attempts}: {Reason}"
    )]
    public static partial void OutboundLater(
        this ILogger log,
        Guid id,
        int attempts,
        string reason
    );

    [LoggerMessage(2005, LogLevel.Warning, "Request {Id} to a connector waits: {Reason}")]
    public static partial void OutboundStuck(this ILogger log, Guid id, string reason);
}
