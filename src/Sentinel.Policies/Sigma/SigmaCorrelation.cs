using System.Globalization;
using System.Text.RegularExpressions;

namespace Sentinel.Policies.Sigma;

/// <summary>What several events of other rules have to be, as the specification's correlations say it.</summary>
/// <param name="Kind">event_count, value_count, temporal and so on.</param>
/// <param name="Rules">Ids or names of rules and correlations.</param>
/// <param name="Timespan">As a duration of ours: it is spelled alike.</param>
/// <param name="Limits">Comparisons with their numbers, all of which hold.</param>
sealed record SigmaCorrelation(
    SigmaHead Head,
    string Kind,
    IReadOnlyList<string> Rules,
    IReadOnlyList<string> GroupBy,
    string Timespan,
    IReadOnlyList<(string Comparison, string Number)> Limits
)
{
    /// <summary>Of the condition: what is counted, added or averaged.</summary>
    public IReadOnlyList<string> Fields { get; init; } = [];

    /// <summary>Of value_percentile: which one.</summary>
    public string? Percentile { get; init; }

    /// <summary>For each alias, the field of each rule that has it under another name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Aliases { get; init; } =
        new Dictionary<string, IReadOnlyDictionary<string, string>>();

    /// <summary>Whether the rules that it refers to are also rules of their own.</summary>
    public bool Generates { get; init; }
}

/// <summary>One YAML document as a correlation.</summary>
static partial class CorrelationReader
{
    static readonly Dictionary<string, string> comparisons = new()
    {
        ["gt"] = ">",
        ["gte"] = ">=",
        ["lt"] = "<",
        ["lte"] = "<=",
        ["eq"] = "==",
        ["neq"] = "!=",
    };

    static readonly string[] kinds =
    [
        "event_count",
        "value_count",
        "temporal",
        "temporal_ordered",
        "value_sum",
        "value_avg",
        "value_percentile",
    ];

    public static SigmaCorrelation? Read(YamlNode.Mapping map, SigmaHead head, SigmaProblem problem)
    {
        if (map["correlation"] is not YamlNode.Mapping asked)
            return problem.Add<SigmaCorrelation>("'correlation' is no mapping");
        if (asked.TextOf("type") is not { } kind || !kinds.Contains(kind))
            return problem.Add<SigmaCorrelation>(
                $"'{asked.TextOf("type")}' is no type of correlation"
            );
        if (asked.Texts("rules") is not { Count: > 0 } rules)
            return problem.Add<SigmaCorrelation>("the correlation names no rules");
        if (asked.TextOf("timespan") is not { } timespan || !Duration().IsMatch(timespan))
            return problem.Add<SigmaCorrelation>(
                $"'{asked.TextOf("timespan")}' is no timespan such as 90s, 10m, 24h or 7d"
            );
        if (asked["condition"] is YamlNode.Scalar)
            return problem.Add<SigmaCorrelation>("a condition over rules is not known");
        var condition = asked["condition"] as YamlNode.Mapping;
        return new SigmaCorrelation(
            head,
            kind,
            rules,
            asked.Texts("group-by"),
            timespan,
            condition is null ? [] : [.. condition.Entries.SelectMany(e => Limit(e, problem))]
        )
        {
            Fields = condition?.Texts("field") ?? [],
            Percentile = condition?.TextOf("percentile"),
            Aliases = ReadAliases(asked),
            Generates = (asked.TextOf("generate") ?? map.TextOf("generate")) == "true",
        };
    }

    static IEnumerable<(string, string)> Limit(
        KeyValuePair<string, YamlNode> entry,
        SigmaProblem problem
    )
    {
        if (entry.Key is "field" or "percentile")
            yield break;
        if (
            comparisons.TryGetValue(entry.Key, out var comparison)
            && entry.Value is YamlNode.Scalar { Text: var number }
            && double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out _)
        )
            yield return (comparison, number);
        else
            problem.Add<SigmaCorrelation>($"'{entry.Key}' is no comparison with a number");
    }

    static Dictionary<string, IReadOnlyDictionary<string, string>> ReadAliases(
        YamlNode.Mapping asked
    ) =>
        asked["aliases"] is not YamlNode.Mapping aliases
            ? []
            : aliases
                .Entries.Where(a => a.Value is YamlNode.Mapping)
                .ToDictionary(
                    a => a.Key,
                    a =>
                        (IReadOnlyDictionary<string, string>)
                            ((YamlNode.Mapping)a.Value)
                                .Entries.Where(e => e.Value is YamlNode.Scalar)
                                .ToDictionary(e => e.Key, e => ((YamlNode.Scalar)e.Value).Text)
                );

    [GeneratedRegex(@"\A[0-9]{1,6}[smhd]\z")]
    private static partial Regex Duration();
}
