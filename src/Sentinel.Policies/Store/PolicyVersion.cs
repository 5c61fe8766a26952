using Sentinel.Policies.Model;

namespace Sentinel.Policies.Store;

/// <summary>One published text of one file; it never changes again.</summary>
public sealed record PolicyVersion(
    Guid Id,
    PolicyText Text,
    int Version,
    Guid Author,
    DateTimeOffset CreatedAt,
    bool Approved,
    bool Active
)
{
    /// <summary>Why it was published; null for what was shipped.</summary>
    public string? Reason { get; init; }

    /// <summary>Of the compiled form that is stored beside the text.</summary>
    public string? LogicSha256 { get; init; }

    /// <summary>Which release's way of writing the compiled form: others cannot be compared.</summary>
    public int LogicFormat { get; init; }

    /// <summary>Null where nobody approved it, or it was shipped.</summary>
    public PolicyApproval? ApprovalMade { get; init; }
}

public sealed record PolicyApproval(Guid Approver, string? Reason, DateTimeOffset ApprovedAt);
