using System.Globalization;
using System.Text.RegularExpressions;
using Sentinel.Contract;
using Sentinel.Policies.Model;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Sla;

namespace Sentinel.Psa.Intake;

/// <summary>What an escalation's policy makes of one finding: all that the case begins with.</summary>
sealed partial record CasePlan(
    string CaseType,
    int Severity,
    SlaTerms? Sla,
    string? Queue,
    string? Owner,
    IReadOnlyList<PlannedTask> Tasks,
    string? Workflow,
    ClosingRequirements ToClose,
    IReadOnlyList<Notification> Notify
)
{
    const int DescriptionCharsMax = 4000;

    /// <param name="criticality">The highest of the attached assets; 0 where there is none.</param>
    public static CasePlan Of(EscalationTerms terms, EscalatedFinding finding, int criticality) =>
        new(
            terms.Declaration.CaseType,
            terms.Declaration.Severity.Mapped(
                Math.Clamp(
                    terms
                        .Declaration.Severity.Highest.Select(term =>
                            Value(term, finding, criticality)
                        )
                        .DefaultIfEmpty(finding.Severity)
                        .Max(),
                    0,
                    10
                )
            ),
            terms.Sla is { } sla ? SlaTerms.Of(sla) : null,
            terms.Declaration.Queue,
            terms.Declaration.Owner,
            [
                .. terms.Declaration.Tasks.Select(task => new PlannedTask(
                    task.TaskType,
                    Filled(task.Description, finding)
                )),
            ],
            terms.Declaration.Workflow,
            terms.Declaration.ToClose,
            terms.Declaration.Notify
        );

    static int Value(SeverityTerm term, EscalatedFinding finding, int criticality) =>
        term switch
        {
            SeverityTerm.Constant constant => constant.Value,
            SeverityTerm.OfFinding => finding.Severity,
            SeverityTerm.OfAsset => criticality,
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    // What the finding does not know is said to be absent, never guessed.
    static string Filled(string description, EscalatedFinding finding) =>
        PlaceholderPattern()
            .Replace(description, match => ValueOf(match.Groups[1].Value, finding) ?? "(absent)")
            .Cut(DescriptionCharsMax);

    static string? ValueOf(string field, EscalatedFinding finding) =>
        field switch
        {
            "finding.type" => finding.Type,
            "finding.summary" => finding.Summary,
            "finding.severity" => finding.Severity.ToString(CultureInfo.InvariantCulture),
            "finding.confidence" => finding.Confidence.ToString(CultureInfo.InvariantCulture),
            "asset.name" => finding.Fields.GetValueOrDefault(field)
                ?? finding.Fields.GetValueOrDefault("asset"),
            _ => finding.Fields.GetValueOrDefault(field),
        };

    [GeneratedRegex(@"\{([A-Za-z_][A-Za-z0-9_.]*)\}")]
    private static partial Regex PlaceholderPattern();
}

sealed record PlannedTask(string TaskType, string Description);

/// <summary>The declaration that the contract names, and the clock that it names in turn.</summary>
public sealed record EscalationTerms(EscalationDeclaration Declaration, SlaDeclaration? Sla);
