using System.Text.Json;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Cases;
using Sentinel.Psa.Intake;
using Sentinel.Workflows;

namespace Sentinel.Psa.Automation;

/// <summary>
/// A person starts a published workflow for a case that is at work, or tells its workflows of an event; what they
/// ask for comes to that case.
/// </summary>
public sealed class RunWorkflow(
    SentinelDatabase database,
    WorkflowRunner runner,
    TimeProvider clock
)
{
    const int OpenMax = 100;
    const int EventNameCharsMax = 200;
    const int PayloadCharsMax = 64 * 1024;

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
            work => RunInAsync(work, caseId, definitionId, inputs, cancellation),
            cancellation
        );

    /// <summary>
    /// Whatever of the case waits for an event of that name goes on, and published workflows that are drawn to begin
    /// with it start. Refused where neither is so: an event that nobody hears is a misspelt one.
    /// </summary>
    /// <param name="name">1 to 200 characters, as it stands in the drawing.</param>
    /// <param name="payload">What is told, at most 64 Ki characters; JSON null tells nothing.</param>
    public Task<Outcome<RaisedEvent>> RaiseAsync(
        Secret secret,
        Guid caseId,
        string name,
        JsonElement payload,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("workflow.raise", "case", caseId, caseId),
            work => RaiseInAsync(work, caseId, name, payload, cancellation),
            cancellation
        );

    async Task<Outcome<Guid>> RunInAsync(
        PresentedTransaction work,
        Guid caseId,
        string definitionId,
        IReadOnlyDictionary<string, JsonElement> inputs,
        CancellationToken cancellation
    )
    {
        if (await WhyNotAsync(work, "workflow.run", cancellation) is { } refusal)
            return new Outcome<Guid>.Declined(refusal);
        if (await CaseStore.LockAsync(work, caseId, cancellation) is not { } found)
            return new Outcome<Guid>.NotFound($"case {caseId}");
        if (IsClosed(found, "workflow.run") is { } closed)
            return new Outcome<Guid>.Declined(closed);
        var started = await runner.StartAsync(
            work,
            definitionId,
            await InputsAsync(work, found, inputs, cancellation),
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
        return await TooManyAsync(work, "workflow.run", caseId, cancellation) is { } bound
            ? new Outcome<Guid>.Declined(bound)
            : new Outcome<Guid>.Done(begun.InstanceId);
    }

    async Task<Outcome<RaisedEvent>> RaiseInAsync(
        PresentedTransaction work,
        Guid caseId,
        string name,
        JsonElement payload,
        CancellationToken cancellation
    )
    {
        if (await WhyNotAsync(work, "workflow.raise", cancellation) is { } refusal)
            return new Outcome<RaisedEvent>.Declined(refusal);
        if (
            name.Length is 0 or > EventNameCharsMax
            || payload.GetRawText().Length > PayloadCharsMax
        )
            return new Outcome<RaisedEvent>.Declined(
                new RuleRefusal(
                    "workflow.raise.size",
                    $"an event has a name of 1 to {EventNameCharsMax} characters and tells at most {PayloadCharsMax}",
                    "the same person, with less"
                )
            );
        if (await CaseStore.LockAsync(work, caseId, cancellation) is not { } found)
            return new Outcome<RaisedEvent>.NotFound($"case {caseId}");
        if (IsClosed(found, "workflow.raise") is { } closed)
            return new Outcome<RaisedEvent>.Declined(closed);
        var awaited = await WorkflowOfCaseStore.AwaitedEventsAsync(work, caseId, cancellation);
        var now = clock.GetUtcNow();
        var raised = await runner.RaiseAsync(
            work,
            name,
            payload,
            [.. awaited[name]],
            await InputsAsync(work, found, [], cancellation),
            found.CorrelationId.ToString(),
            cancellation
        );
        if (raised is { Answered: 0, Started.Count: 0 })
            return new Outcome<RaisedEvent>.Declined(Unheard(name, awaited));
        await WorkflowOfCaseStore.NoteEventAsync(work, caseId, name, payload, now, cancellation);
        foreach (var (instanceId, workflow) in raised.Started)
            await OpeningStore.WorkflowAsync(work, caseId, instanceId, workflow, now, cancellation);
        return
            raised.Started.Count > 0
            && await TooManyAsync(work, "workflow.raise", caseId, cancellation) is { } bound
            ? new Outcome<RaisedEvent>.Declined(bound)
            : new Outcome<RaisedEvent>.Done(raised);
    }

    static RuleRefusal Unheard(string name, ILookup<string, Guid> awaited)
    {
        var names = awaited.Select(of => of.Key).Order(StringComparer.Ordinal).ToList();
        var instead =
            names.Count > 0 ? $"it waits for {string.Join(", ", names)}" : "it waits for none";
        return new RuleRefusal(
            "workflow.raise.unheard",
            $"nothing of this case waits for an event '{name}', and no workflow begins with it: {instead}",
            "the same person, with the name as it was drawn"
        );
    }

    static Task<RuleRefusal?> WhyNotAsync(
        PresentedTransaction work,
        string action,
        CancellationToken cancellation
    ) => PermissionStore.UnlessPersonMayAsync(work, action, "case.open", cancellation);

    static RuleRefusal? IsClosed(Case found, string action) =>
        found.Status == CaseState.Closed
            ? new RuleRefusal(
                $"{action}.closed",
                "a closed case never changes, so nothing runs for it",
                "the same person, for a follow-on case"
            )
            : null;

    /// <summary>Asked once they are written: what is refused is taken back as a whole.</summary>
    static async Task<RuleRefusal?> TooManyAsync(
        PresentedTransaction work,
        string action,
        Guid caseId,
        CancellationToken cancellation
    ) =>
        await WorkflowOfCaseStore.CountOpenAsync(work, caseId, cancellation) > OpenMax
            ? new RuleRefusal(
                $"{action}.many",
                $"{OpenMax} workflows run for this case already",
                "whoever cancels those that are no longer wanted"
            )
            : null;

    static async Task<Dictionary<string, JsonElement>> InputsAsync(
        PresentedTransaction work,
        Case found,
        IEnumerable<KeyValuePair<string, JsonElement>> given,
        CancellationToken cancellation
    )
    {
        var all = new Dictionary<string, JsonElement>(
            await WorkflowOfCaseStore.FirstInputsAsync(work, found.Id, cancellation)
        );
        foreach (var (name, value) in given)
            all[name] = value;
        all["Summary"] = JsonSerializer.SerializeToElement(found.Summary);
        all["CaseId"] = JsonSerializer.SerializeToElement(found.Id);
        return all;
    }
}
