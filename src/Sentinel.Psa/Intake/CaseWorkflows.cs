using System.Text;
using System.Text.Json;
using Sentinel.Contract;
using Sentinel.Postgres.Access;
using Sentinel.Workflows;

namespace Sentinel.Psa.Intake;

/// <summary>Starts published workflows with what the case and the finding know.</summary>
public sealed class CaseWorkflows(WorkflowRunner runner) : ICaseWorkflows
{
    public async Task<Guid?> StartAsync(
        PresentedTransaction work,
        string definition,
        Guid caseId,
        EscalatedFinding finding,
        Guid correlationId,
        CancellationToken cancellation
    )
    {
        // The case last: no field of a finding can take its place.
        Dictionary<string, JsonElement> inputs = [];
        foreach (var (field, value) in finding.Fields)
            inputs[Pascal(field)] = JsonSerializer.SerializeToElement(value);
        inputs["FindingType"] = JsonSerializer.SerializeToElement(finding.Type);
        inputs["Summary"] = JsonSerializer.SerializeToElement(finding.Summary);
        inputs["CaseId"] = JsonSerializer.SerializeToElement(caseId);
        var outcome = await runner.StartAsync(
            work,
            definition,
            inputs,
            correlationId.ToString(),
            cancellation
        );
        return outcome is StartOutcome.Begun started ? started.InstanceId : null;
    }

    /// <summary><c>source_ip</c> is <c>SourceIp</c> in a workflow.</summary>
    internal static string Pascal(string field)
    {
        var name = new StringBuilder(field.Length);
        foreach (var word in field.Split('_', '.', '-'))
            if (word.Length > 0)
                name.Append(char.ToUpperInvariant(word[0])).Append(word.AsSpan(1));
        return name.ToString();
    }
}
