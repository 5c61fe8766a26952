using System.Globalization;
using System.Text.Json;
using Sentinel.Policies.Model;

namespace Sentinel.Psa.Modules;

/// <summary>A module's finding in our words, by a mapping, and what of it no mapping knows.</summary>
/// <param name="NotMapped">One sentence for each word that was guessed at, and what it was taken for.</param>
sealed record MappedFinding(
    string Type,
    int Severity,
    IReadOnlyList<string> AssetRefs,
    IReadOnlyList<string> NotMapped
)
{
    const int SeverityUnknown = 5;

    /// <summary>The words that every scale shares; where one is a range, its middle.</summary>
    static readonly Dictionary<string, int> common = new(StringComparer.OrdinalIgnoreCase)
    {
        ["informational"] = 1,
        ["info"] = 1,
        ["low"] = 2,
        ["medium"] = 5,
        ["moderate"] = 5,
        ["high"] = 7,
        ["critical"] = 9,
    };

    /// <summary>What a module's findings are about, where neither it nor its format says.</summary>
    static readonly Dictionary<string, string> types = new(StringComparer.Ordinal)
    {
        ["rmm"] = "operations",
        ["siem"] = "security_event",
        ["edr"] = "detection",
        ["vulnerability"] = "vulnerability",
        ["pentest"] = "pentest_finding",
        ["compliance"] = "compliance_gap",
    };

    /// <param name="mapping">Null where none is published for the module.</param>
    public static MappedFinding Of(
        string module,
        ModuleFinding finding,
        MappingDeclaration? mapping
    )
    {
        var notMapped = new List<string>();
        var type = TypeOf(module, finding, mapping, notMapped);
        var severity = SeverityOf(finding, mapping, notMapped);
        return new MappedFinding(type, severity, AssetsOf(finding, mapping, notMapped), notMapped);
    }

    static int SeverityOf(
        ModuleFinding finding,
        MappingDeclaration? mapping,
        List<string> notMapped
    )
    {
        if (finding.SeverityWord is { } word && Find(mapping?.Severities, word) is { } mapped)
            return mapped;
        if (finding.StandardSeverity is { } standard)
            return standard;
        if (finding.SeverityWord is not { } said)
        {
            notMapped.Add($"no severity was sent: taken as {SeverityUnknown}");
            return SeverityUnknown;
        }
        if (common.TryGetValue(said, out var usual))
            return usual;
        if (
            double.TryParse(said, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && number is >= 0 and <= 10
        )
            return (int)Math.Round(number, MidpointRounding.AwayFromZero);
        notMapped.Add($"severity \"{said}\" is in no mapping: taken as {SeverityUnknown}");
        return SeverityUnknown;
    }

    static string TypeOf(
        string module,
        ModuleFinding finding,
        MappingDeclaration? mapping,
        List<string> notMapped
    )
    {
        if (finding.Category is { } category && Find(mapping?.Categories, category) is { } mapped)
            return mapped;
        var type = finding.StandardType ?? types[module];
        if (finding.Category is { } said)
            notMapped.Add($"category \"{said}\" is in no mapping: taken as {type}");
        return type;
    }

    static IReadOnlyList<string> AssetsOf(
        ModuleFinding finding,
        MappingDeclaration? mapping,
        List<string> notMapped
    )
    {
        if (mapping?.Asset is not { } member)
            return finding.AssetRefs;
        using var record = JsonDocument.Parse(finding.Content);
        List<string> named =
        [
            .. record
                .RootElement.At(member.Split('.'))
                .Texts()
                .Distinct(StringComparer.OrdinalIgnoreCase),
        ];
        if (named.Count == 0)
            notMapped.Add($"the member {member}, which names the asset, is not there");
        if (named.Count > ModuleRecords.AssetsMax)
            notMapped.Add(
                $"the member {member} names {named.Count} assets: the first {ModuleRecords.AssetsMax} are taken"
            );
        return named.Count == 0 ? finding.AssetRefs : [.. named.Take(ModuleRecords.AssetsMax)];
    }

    static T? Find<T>(IReadOnlyList<KeyValuePair<string, T>>? pairs, string word)
        where T : struct =>
        pairs
            ?.Where(pair => string.Equals(pair.Key, word, StringComparison.OrdinalIgnoreCase))
            .Select(pair => (T?)pair.Value)
            .FirstOrDefault();

    static string? Find(IReadOnlyList<KeyValuePair<string, string>>? pairs, string word) =>
        pairs
            ?.Where(pair => string.Equals(pair.Key, word, StringComparison.OrdinalIgnoreCase))
            .Select(pair => pair.Value)
            .FirstOrDefault();
}
