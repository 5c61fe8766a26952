using System.Text.Json;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Cases;
using Sentinel.Psa.Intake;
using Sentinel.Workflows;

namespace Sentinel.Psa.Automation;

/// <summary>A person starts a published workflow for a case that is at work; what it asks for comes to that case.</summary>
public sealed class RunWorkflow(
    SentinelDatabase database,
    WorkflowRunner runner,
    TimeProvider clock
)
{
    const int OpenMax = 100;

    /// <param name="inputs">By name; what a workflow of the same case was started with before is kept beside them.</param>
    /// <returns>The id of the instance.</returns>
    public Task<Outcome<Guid>> RunAsync(
        Secret secret,
        Guid caseId,
        string definitionId,
        IReadOnlyDictionary<string, JsonElement> inputs,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("workflow.run", "case", caseId, caseId),
            work => InAsync(work, caseId, definitionId, inputs, cancellation),
            cancellation
        );

    async Task<Outcome<Guid>> InAsync(
        PresentedTransaction work,
        Guid caseId,
        string definitionId,
        IReadOnlyDictionary<string, JsonElement> inputs,
        CancellationToken cancellation
    )
    {
        var refusal = await PermissionStore.UnlessPersonMayAsync(
            work,
            "workflow.run",
            "case.open",
            cancellation
        );
        if (refusal is not null)
            return new Outcome<Guid>.Declined(refusal);
        if (await CaseStore.LockAsync(work, caseId, cancellation) is not { } found)
            return new Outcome<Guid>.NotFound($"case {caseId}");
        if (found.Status == CaseState.Closed)
            return new Outcome<Guid>.Declined(
                new RuleRefusal(
                    "workflow.run.closed",
                    "a closed case never changes, so nothing runs for it",
                    "the same person, for a follow-on case"
                )
            );
        if (await WorkflowOfCaseStore.CountOpenAsync(work, caseId, cancellation) >= OpenMax)
            return new Outcome<Guid>.Declined(
                new RuleRefusal(
                    "workflow.run.many",
                    $"{OpenMax} workflows run for this case already",
                    "whoever cancels those that are no longer wanted"
                )
            );
        var all = new Dictionary<string, JsonElement>(
            await WorkflowOfCaseStore.FirstInputsAsync(work, caseId, cancellation)
        );
        foreach (var (name, value) in inputs)
            all[name] = value;
        all["Summary"] = JsonSerializer.SerializeToElement(found.Summary);
        all["CaseId"] = JsonSerializer.SerializeToElement(caseId);
        var started = await runner.StartAsync(
            work,
            definitionId,
            all,
            found.CorrelationId.ToString(),
            cancellation
        );
        if (started is not StartOutcome.Begun begun)
            return new Outcome<Guid>.NotFound($"published workflow {definitionId}");
        await OpeningStore.WorkflowAsync(
            work,
            caseId,
            begun.InstanceId,
            definitionId,
            clock.GetUtcNow(),
            cancellation
        );
        return new Outcome<Guid>.Done(begun.InstanceId);
    }
}
