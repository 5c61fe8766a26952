using System.Text.Json.Nodes;

namespace Sentinel.Psa.Outbound;

/// <summary>A system that can be asked to act: an RMM, an EDR or a scanner.</summary>
/// <param name="Kind">rmm, edr or scan.</param>
/// <param name="Url">Where requests are posted.</param>
/// <param name="AllowPrivate">Its address may lie in a private network, and it may be spoken to without TLS there.</param>
public sealed record Connector(Guid Id, string Name, string Kind, Uri Url, bool AllowPrivate);

/// <summary>What was asked of a connector for a task, and how far it came.</summary>
/// <param name="Id">Also the idempotency key of its request.</param>
/// <param name="Action">One word that the connector knows: <c>isolate</c>, <c>run_script</c>.</param>
/// <param name="Outcome">What the connector said, or why it failed; null while it runs.</param>
/// <param name="EvidenceId">Its output, where it had any.</param>
public sealed record OutboundAction(
    Guid Id,
    Guid CaseId,
    Guid TaskId,
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
);
