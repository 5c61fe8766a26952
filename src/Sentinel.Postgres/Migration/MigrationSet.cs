using System.Reflection;
using System.Text.RegularExpressions;

namespace Sentinel.Postgres.Migration;

/// <summary>
/// The numbered scripts that a project embeds under a folder <c>Migrations</c>, in their order. Sets
/// run in the order given: Postgres, Psa, Policies, Workflows, Siem.
/// </summary>
public sealed partial record MigrationSet(string Name, Assembly Assembly)
{
    /// <summary>Who is asking, and what nobody may do: the set that every other builds on.</summary>
    public static MigrationSet Access { get; } = new("postgres", typeof(MigrationSet).Assembly);

    /// <summary>Stands in for the embedded scripts.</summary>
    internal IReadOnlyList<(string Name, string Text)>? Given { get; init; }

    internal IReadOnlyList<(string Name, string Text)> Scripts() =>
        Given
        ??
        [
            .. Assembly
                .GetManifestResourceNames()
                .Select(resource => (resource, match: NumberedScript().Match(resource)))
                .Where(found => found.match.Success)
                .Select(found => ($"{Name}/{found.match.Groups[1].Value}", Read(found.resource)))
                .OrderBy(script => script.Item1, StringComparer.Ordinal),
        ];

    string Read(string resource)
    {
        using var stream = Assembly.GetManifestResourceStream(resource)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"\.Migrations\.(\d{4}-[a-z0-9-]+\.sql)$")]
    private static partial Regex NumberedScript();
}
