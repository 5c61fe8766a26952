using System.Text.Json;
using Sentinel.Contract;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Intake;
using Sentinel.Workflows;

namespace Sentinel.Psa.Automation;

/// <summary>
/// Starts the workflow that a policy names. It sees the case, the finding's type, severity and summary,
/// and each of the finding's fields in Pascal case: source_ip is the input SourceIp.
/// </summary>
public sealed class StartCaseWorkflow(WorkflowRunner runner) : ICaseWorkflows
{
    public async Task<Guid?> StartAsync(
        PresentedTransaction work,
        string definition,
        Guid caseId,
        EscalatedFinding finding,
        CancellationToken cancellation
    )
    {
        var inputs = finding.Fields.ToDictionary(
            field => Pascal(field.Key),
            field => JsonSerializer.SerializeToElement(field.Value)
        );
        inputs[CaseCallStore.Input] = JsonSerializer.SerializeToElement(caseId);
        inputs["FindingId"] = JsonSerializer.SerializeToElement(finding.Id);
        inputs["FindingType"] = JsonSerializer.SerializeToElement(finding.Type);
        inputs["Severity"] = JsonSerializer.SerializeToElement(finding.Severity);
        inputs["Summary"] = JsonSerializer.SerializeToElement(finding.Summary);
        var outcome = await runner.StartAsync(
            work,
            definition,
            inputs,
            caseId.ToString(),
            cancellation
        );
        return outcome is StartOutcome.Started started ? started.InstanceId : null;
    }

    static string Pascal(string field) =>
        string.Concat(
            field
                .Split('_', StringSplitOptions.RemoveEmptyEntries)
                .Select(word => char.ToUpperInvariant(word[0]) + word[1..])
        );
}
