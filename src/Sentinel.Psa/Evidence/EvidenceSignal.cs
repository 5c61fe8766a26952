using System.Text.Json;
using Sentinel.Postgres.Access;
using Sentinel.Workflows;

namespace Sentinel.Psa.Evidence;

/// <summary>How the workflows that wait for evidence learn that it came.</summary>
static class EvidenceSignal
{
    public const string ActivityType = "Sentinel.AwaitEvidence";

    const string Attached = "Attached";

    /// <param name="evidenceType">Null: of any type.</param>
    public static string Key(Guid caseId, string? evidenceType) => $"{caseId} {evidenceType}";

    /// <summary>Of that type, wherever it came from; of any type, where a person brought it.</summary>
    public static bool Meets(EvidenceItem item, string? evidenceType) =>
        evidenceType is null ? item.SourceSystem == "manual" : item.EvidenceType == evidenceType;

    public static (string Outcome, IReadOnlyDictionary<string, JsonElement> Outputs) Of(
        EvidenceItem item
    ) =>
        (
            Attached,
            new Dictionary<string, JsonElement>
            {
                ["EvidenceId"] = JsonSerializer.SerializeToElement(item.Id),
                ["Title"] = JsonSerializer.SerializeToElement(item.Title),
            }
        );

    /// <summary>In the transaction that attached it: both happen or neither.</summary>
    public static async Task SendAsync(
        PresentedTransaction work,
        EvidenceItem item,
        CancellationToken cancellation
    )
    {
        var (outcome, outputs) = Of(item);
        string?[] awaited = [item.EvidenceType, null];
        foreach (var type in awaited.Where(type => Meets(item, type)))
            await WorkflowRunner.ResumeAsync(
                work,
                ActivityType,
                Key(item.CaseId, type),
                outcome,
                outputs,
                item.CreatedAt,
                cancellation
            );
    }
}
