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
);
