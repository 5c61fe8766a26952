namespace Sentinel.Contract;

/// <summary>What detection passes on: a finding, its sealed package, and the policy that asked for it.</summary>
/// <param name="Id">Chosen by the sender; the receiver is idempotent on it.</param>
/// <param name="CorrelationId">One id from the first line to the closed case, for every log.</param>
/// <param name="Head">The sender's latest signed audit head, or null before the first.</param>
public sealed record Escalation(
    Guid Id,
    Guid OrganisationId,
    Guid CorrelationId,
    EscalatedFinding About,
    SealedPackage Package,
    PolicyReference DecidedBy,
    SignedHead? Head
);

/// <param name="Severity">0 to 10, as detection sees it; a person accepts or changes it.</param>
/// <param name="Confidence">0 to 100, never folded into the severity.</param>
/// <param name="Fields">What the rule keyed on and named: source_ip, user, and so on.</param>
/// <param name="AssetIds">Assets of the reference data that the events concern.</param>
public sealed record EscalatedFinding(
    Guid Id,
    string Type,
    int Severity,
    int Confidence,
    string Summary,
    DateTimeOffset CreatedAt,
    IReadOnlyDictionary<string, string> Fields,
    IReadOnlyList<Guid> AssetIds
);

/// <param name="Uri">Where the receiver fetches the bytes: file:// or s3://.</param>
/// <param name="Sha256">Of the whole package, 64 hexadecimal digits, lower case.</param>
public sealed record SealedPackage(Guid Id, Uri Uri, string Sha256);

/// <summary>One published version of one declaration: who it is, exactly.</summary>
/// <param name="Sha256">Of the exact UTF-8 text of the file that declares it.</param>
public sealed record PolicyReference(string Name, int Version, string Sha256);

/// <summary>A C2SP checkpoint, signed note and all.</summary>
public sealed record SignedHead(string Checkpoint);

/// <summary>All that ever comes back.</summary>
public sealed record EscalationReceipt(Guid EscalationId, Guid CaseId, DateTimeOffset ReceivedAt);
