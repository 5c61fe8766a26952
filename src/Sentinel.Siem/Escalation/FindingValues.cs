using System.Globalization;
using System.Net;
using Sentinel.Policies.Model;
using Sentinel.Siem.Findings;

namespace Sentinel.Siem.Escalation;

/// <summary>A finding as the conditions of an escalation see it.</summary>
sealed class FindingValues(
    Finding finding,
    EscalatedAsset? asset,
    IReadOnlyList<Condition> conditions
) : IFieldValues
{
    readonly Dictionary<int, Field> fields = conditions
        .SelectMany(condition => condition.Reads)
        .DistinctBy(field => field.Ordinal)
        .ToDictionary(field => field.Ordinal);

    public object? this[int ordinal] =>
        fields.TryGetValue(ordinal, out var field) ? ValueOf(field) : null;

    public IEnumerable<object> Everything => finding.Fields.Values;

    object? ValueOf(Field field) =>
        field.Name switch
        {
            "finding.type" => finding.Type,
            "finding.severity" => (long)finding.Severity,
            "finding.confidence" => (long)finding.Confidence,
            "finding.rule" => finding.RuleName,
            "asset.name" => asset?.Name,
            "asset.criticality" => asset is null ? null : (long)asset.Criticality,
            var name => finding.Fields.TryGetValue(name, out var text)
                ? Typed(text, field.Type)
                : null,
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

/// <summary>Of the assets that a finding concerns, the most critical one.</summary>
sealed record EscalatedAsset(string Name, int Criticality);
