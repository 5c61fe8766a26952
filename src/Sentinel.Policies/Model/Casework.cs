namespace Sentinel.Policies.Model;

/// <summary>How another module's words become ours.</summary>
/// <param name="Categories">Theirs to types of findings.</param>
/// <param name="Asset">The member that names the thing, or null.</param>
public sealed record MappingDeclaration(
    string Name,
    PolicyText Text,
    string? Description,
    IReadOnlyList<KeyValuePair<string, int>> Severities,
    IReadOnlyList<KeyValuePair<string, string>> Categories,
    string? Asset
);

/// <summary>How long the records of some sources stay where they can be searched.</summary>
/// <param name="Sources">Empty for all that no other retention names.</param>
/// <param name="Raw">Records as they came; null for as long as their events.</param>
/// <param name="Archive">Where they go afterwards; null where they are deleted.</param>
public sealed record RetentionDeclaration(
    string Name,
    PolicyText Text,
    IReadOnlyList<string> Sources,
    TimeSpan? Raw,
    TimeSpan Events,
    string? Archive
);
