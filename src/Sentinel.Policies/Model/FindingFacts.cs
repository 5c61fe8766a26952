using System.Globalization;
using System.Net;

namespace Sentinel.Policies.Model;

/// <summary>What escalations may ask of a finding, whoever found it.</summary>
/// <param name="Severity">0 to 10.</param>
/// <param name="Confidence">0 to 100; null where the finder says nothing of it.</param>
/// <param name="Rule">That found it; of another module's finding, the module.</param>
/// <param name="Summary">What it says in a sentence.</param>
/// <param name="Fields">Names and values as texts; a name means the field of that name.</param>
/// <param name="AssetName">Of the most critical asset that the finding concerns.</param>
public sealed record FindingFacts(
    string Type,
    int Severity,
    int? Confidence,
    string Rule,
    string Summary,
    IReadOnlyDictionary<string, string> Fields,
    string? AssetName,
    int? AssetCriticality
)
{
    /// <summary>The escalation that takes the finding: lowest order first, then by name; or null.</summary>
    public EscalationDeclaration? FirstOf(IEnumerable<EscalationDeclaration> escalations) =>
        escalations
            .OrderBy(one => one.Order)
            .ThenBy(one => one.Name, StringComparer.Ordinal)
            .FirstOrDefault(one =>
            {
                var values = new NamedValues(one.When, ValueOf, Fields.Select(one => one.Value));
                return one.When.All(condition => condition.Holds(values));
            });

    object? ValueOf(Field field) =>
        field.Name switch
        {
            "finding.type" => Type,
            "finding.severity" => (long)Severity,
            "finding.confidence" => (long?)Confidence,
            "finding.rule" => Rule,
            "finding.summary" => Summary,
            "asset.name" => AssetName,
            "asset.criticality" => (long?)AssetCriticality,
            var name => Fields.TryGetValue(name, out var text) ? Typed(text, field.Type) : null,
        };

    static object? Typed(string text, FieldType type) =>
        type switch
        {
            FieldType.Text or FieldType.Untyped => text,
            FieldType.Integer => long.TryParse(text, CultureInfo.InvariantCulture, out var whole)
                ? whole
                : null,
            FieldType.Number => double.TryParse(text, CultureInfo.InvariantCulture, out var number)
                ? number
                : null,
            FieldType.Boolean => bool.TryParse(text, out var truth) ? truth : null,
            FieldType.Address => IPAddress.TryParse(text, out var address) ? address : null,
            FieldType.Time => DateTimeOffset.TryParse(
                text,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                out var time
            )
                ? time
                : null,
            FieldType.TextList => new[] { text },
        };
}
