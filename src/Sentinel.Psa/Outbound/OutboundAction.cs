using System.Text.Json.Nodes;

namespace Sentinel.Psa.Outbound;

/// <summary>A system that can be asked to act (an RMM, an EDR, a scanner), or that takes messages.</summary>
/// <param name="Kind">rmm, edr or scan; mail, webhook or chat.</param>
/// <param name="Url">Where requests are posted, or the mail server.</param>
/// <param name="AllowPrivate">Its address may lie in a private network, and it may be spoken to without TLS there.</param>
/// <param name="Sender">The address from which mail comes; null for what is no mail.</param>
public sealed record Connector(
    Guid Id,
    string Name,
    string Kind,
    Uri Url,
    bool AllowPrivate,
    string? Sender = null
)
{
    public const string Mail = "mail";
    public const string Webhook = "webhook";
    public const string Chat = "chat";

    /// <summary>It takes messages and does nothing else.</summary>
    public bool TakesMessages => Kind is Mail or Webhook or Chat;
}

/// <summary>What was asked of a connector, and how far it came.</summary>
/// <param name="Id">Also the idempotency key of its request.</param>
/// <param name="TaskId">For which it was asked; null for a message.</param>
/// <param name="Action">One word that the connector knows: <c>isolate</c>, <c>run_script</c>.</param>
/// <param name="Outcome">What the connector said, or why it failed; null while it runs.</param>
/// <param name="EvidenceId">Its output, where it had any.</param>
public sealed record OutboundAction(
    Guid Id,
    Guid CaseId,
    Guid? TaskId,
    Guid ConnectorId,
    string Action,
    JsonObject Arguments,
    OutboundState Status,
    Guid AskedBy,
    DateTimeOffset AskedAt,
    DateTimeOffset DeadlineAt,
    int Attempts,
    DateTimeOffset NextAttemptAt,
    DateTimeOffset? SentAt,
    DateTimeOffset? EndedAt,
    string? Outcome,
    Guid? EvidenceId
)
{
    internal static OutboundAction Asked(
        Guid caseId,
        Guid? taskId,
        Connector connector,
        string action,
        JsonObject arguments,
        Guid by,
        DateTimeOffset now,
        TimeSpan within
    ) =>
        new(
            Guid.CreateVersion7(now),
            caseId,
            taskId,
            connector.Id,
            action,
            arguments,
            OutboundState.Asked,
            by,
            now,
            now + within,
            0,
            now,
            null,
            null,
            null,
            null
        );
}
