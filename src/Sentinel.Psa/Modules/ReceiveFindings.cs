using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Cases;
using Sentinel.Psa.Evidence;
using Sentinel.Psa.Intake;
using Sentinel.Psa.Published;

namespace Sentinel.Psa.Modules;

/// <summary>What became of a delivery: every record of it is in the list, in its order.</summary>
public sealed record ModuleDelivery(string Module, IReadOnlyList<DeliveredFinding> Findings)
{
    public int Opened => Findings.Count(one => one.Became == DeliveredFinding.AsNewCase);
    public int Added => Findings.Count(one => one.Became == DeliveredFinding.AsEvidence);
    public int Known => Findings.Count(one => one.Became == DeliveredFinding.AsBefore);
    public int Refused => Findings.Count(one => one.Became == DeliveredFinding.AsNothing);
}

/// <param name="Place">Which record of the delivery, from 1.</param>
/// <param name="Became">opened, added, known or refused.</param>
/// <param name="Reason">Why it was refused, with what to do; else null.</param>
public sealed record DeliveredFinding(
    int Place,
    string Became,
    ModuleReceipt? Receipt,
    string? Reason
)
{
    public const string AsNewCase = "opened";
    public const string AsEvidence = "added";
    public const string AsBefore = "known";
    public const string AsNothing = "refused";
}

/// <summary>
/// Findings of other modules become cases, as the published mapping and escalations say. Each record has
/// its own transaction: case, assets, clock, tasks, evidence and receipt commit together or not at all, and
/// one that is refused keeps back no other. Delivering again changes nothing.
/// </summary>
public sealed class ReceiveFindings(
    SentinelDatabase database,
    EvidenceObjects objects,
    ICaseWorkflows workflows,
    TimeProvider clock,
    ILogger<ReceiveFindings> log
)
{
    /// <param name="mapping">The mapping to read it by; null for the one that is called as the module is.</param>
    public async Task<Outcome<ModuleDelivery>> RunAsync(
        Secret secret,
        string module,
        string? mapping,
        ReadOnlyMemory<byte> records,
        CancellationToken cancellation
    )
    {
        var deed = new Deed("delivery.receive", "delivery", null, null);
        var allowed = await AttemptStore.RunAsync(
            database.Psa,
            secret,
            deed,
            work => AllowedAsync(work, module, mapping, records.Length, cancellation),
            cancellation
        );
        if (allowed is not Outcome<string>.Done)
            return allowed.Match<Outcome<ModuleDelivery>>(
                _ => throw new System.Diagnostics.UnreachableException(),
                missing => new Outcome<ModuleDelivery>.NotFound(missing),
                refusal => new Outcome<ModuleDelivery>.Declined(refusal)
            );
        List<DeliveredFinding> became = [];
        foreach (var record in ModuleRecords.Read(records))
            became.Add(
                record switch
                {
                    ModuleRecord.BadRecord no => new(
                        no.Place,
                        DeliveredFinding.AsNothing,
                        null,
                        $"record {no.Place} is not taken: {no.Reason}"
                    ),
                    ModuleRecord.GoodRecord(var finding) => await ReceiveAsync(
                        secret,
                        deed,
                        module,
                        mapping,
                        finding,
                        became.Count + 1,
                        cancellation
                    ),
                    _ => throw new System.Diagnostics.UnreachableException(),
                }
            );
        return new Outcome<ModuleDelivery>.Done(new ModuleDelivery(module, became));
    }

    static async Task<Outcome<string>> AllowedAsync(
        PresentedTransaction work,
        string module,
        string? mapping,
        int bytes,
        CancellationToken cancellation
    )
    {
        if (!ModuleNames.All.Contains(module))
            return new Outcome<string>.NotFound(
                $"module {module}: the modules are {string.Join(", ", ModuleNames.All)}"
            );
        if (await PermissionStore.LackingAsync(work, "case.open", cancellation) is { } lacking)
            return new Outcome<string>.Declined(lacking);
        // What one module's secret is worth ends where the next module begins.
        if (await ModuleStore.MachineAsync(work, cancellation) is { } machine && machine != module)
            return new Outcome<string>.Declined(
                new RuleRefusal(
                    "delivery.own_module",
                    $"the machine {machine} does not deliver for {module}",
                    $"the machine {module}, or a person who may open cases"
                )
            );
        if (bytes > ModuleRecords.BytesMax)
            return new Outcome<string>.Declined(
                new RuleRefusal(
                    "delivery.size",
                    $"a delivery has at most {ModuleRecords.BytesMax} bytes",
                    "whoever sends it, in several deliveries"
                )
            );
        if (
            mapping is not null
            && await LoadedPolicies.ActiveAsync(work, cancellation) is var policy
            && policy?.Mappings.Any(one => one.Name == mapping) != true
        )
            return new Outcome<string>.NotFound($"mapping {mapping}");
        return new Outcome<string>.Done(module);
    }

    async Task<DeliveredFinding> ReceiveAsync(
        Secret secret,
        Deed deed,
        string module,
        string? mapping,
        ModuleFinding finding,
        int place,
        CancellationToken cancellation
    )
    {
        var became = DeliveredFinding.AsBefore;
        var outcome = await AttemptStore.RunAsync(
            database.Psa,
            secret,
            deed,
            async work =>
            {
                (became, var received) = await InAsync(
                    work,
                    module,
                    mapping,
                    finding,
                    cancellation
                );
                return received;
            },
            cancellation
        );
        return outcome.Match(
            receipt => new DeliveredFinding(place, became, receipt, null),
            missing => new DeliveredFinding(place, DeliveredFinding.AsNothing, null, missing),
            refusal => new DeliveredFinding(
                place,
                DeliveredFinding.AsNothing,
                null,
                $"{finding.OutsideId}: {refusal}"
            )
        );
    }

    async Task<(string Became, Outcome<ModuleReceipt> Outcome)> InAsync(
        PresentedTransaction work,
        string module,
        string? mappingName,
        ModuleFinding finding,
        CancellationToken cancellation
    )
    {
        var findingId = IdOf(work.Actor.OrganisationId, module, finding.OutsideId);
        await ReceiptStore.LockFindingAsync(work, findingId, cancellation);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(finding.Content.Span));
        if (
            await ModuleStore.FindAsync(work, module, finding.OutsideId, sha256, cancellation) is
            { } before
        )
            return (DeliveredFinding.AsBefore, new Outcome<ModuleReceipt>.Done(before));
        var policies = await ModulePolicies.LoadAsync(work, module, mappingName, cancellation);
        var mapped = MappedFinding.Of(module, finding, policies.Mapping);
        var assets = await FoundAssets.OfAsync(work, mapped.AssetRefs, cancellation);
        var now = clock.GetUtcNow();
        var became = DeliveredFinding.AsEvidence;
        var known = await ReceiptStore.CaseOfFindingAsync(work, findingId, cancellation);
        var found = known is { } id ? await CaseStore.LockAsync(work, id, cancellation) : null;
        var caseId = found?.Id ?? Guid.Empty;
        if (found is null or { Status: CaseState.Closed })
        {
            became = DeliveredFinding.AsNewCase;
            if (policies.Escalation(module, finding, mapped, assets) is not { } chosen)
                return (became, Unwanted(module, mapped));
            caseId = Guid.CreateVersion7(now);
            await OpenAsync(
                work,
                chosen,
                module,
                finding,
                findingId,
                caseId,
                found,
                assets,
                now,
                cancellation
            );
        }
        var evidenceId = await AttachAsync(work, module, finding, caseId, now, cancellation);
        var receipt = new ModuleReceipt(
            Guid.CreateVersion7(now),
            module,
            finding.OutsideId,
            sha256,
            caseId,
            evidenceId,
            findingId,
            mapped.Type,
            mapped.Severity,
            mapped.NotMapped,
            assets.Proposed,
            policies.Mapping?.Name,
            policies.Mapping?.Text.Sha256,
            now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond))
        );
        await ModuleStore.InsertAsync(work, receipt, cancellation);
        return (became, new Outcome<ModuleReceipt>.Done(receipt));
    }

    async Task<Guid> AttachAsync(
        PresentedTransaction work,
        string module,
        ModuleFinding finding,
        Guid caseId,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var stored = await objects.StoreAsync(
            new MemoryStream(finding.Content.ToArray()),
            cancellation
        );
        var item = new EvidenceItem(
            Guid.CreateVersion7(now),
            caseId,
            "report",
            module,
            $"Finding {finding.OutsideId} as {module} sent it",
            stored.Hash,
            stored.Uri,
            stored.SizeBytes,
            work.Actor.Id,
            now
        );
        await EvidenceStore.InsertAsync(work, item, cancellation);
        await EvidenceSignal.SendAsync(work, item, cancellation);
        return item.Id;
    }

    async Task OpenAsync(
        PresentedTransaction work,
        ChosenEscalation chosen,
        string module,
        ModuleFinding finding,
        Guid findingId,
        Guid caseId,
        Case? follows,
        FoundAssets assets,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var plan = CasePlan.Of(
            chosen.Terms,
            chosen.Finding with
            {
                Id = findingId,
            },
            assets.Criticality
        );
        var opened = new NewCase(
            caseId,
            plan.CaseType,
            module,
            plan.Severity,
            finding.Confidence,
            finding.Title,
            now,
            plan.Queue is { } queue
                ? await CaseStore.QueueAsync(work, queue, now, cancellation)
                : null,
            plan.Owner is { } owner ? await PersonStore.FindAsync(work, owner, cancellation) : null,
            Guid.CreateVersion7(now),
            // A finding has one case; what follows on a sealed one is reached through its link.
            follows is null
                ? findingId
                : null,
            chosen.Terms.Declaration.Name,
            chosen.Version,
            chosen.Terms.Declaration.Text.Sha256
        );
        await CaseStore.InsertAsync(work, opened, cancellation);
        await CaseBeginning.FillAsync(
            work,
            caseId,
            plan,
            assets.Active,
            follows?.Id,
            now,
            cancellation
        );
        if (plan.Workflow is not { } workflow)
            return;
        var instance = await workflows.StartAsync(
            work,
            workflow,
            caseId,
            chosen.Finding,
            opened.CorrelationId,
            cancellation
        );
        if (instance is { } begun)
            await OpeningStore.WorkflowAsync(work, caseId, begun, workflow, now, cancellation);
        else
            log.WorkflowMissing(workflow, caseId);
    }

    static Outcome<ModuleReceipt> Unwanted(string module, MappedFinding mapped) =>
        new Outcome<ModuleReceipt>.Declined(
            new RuleRefusal(
                "delivery.escalation",
                $"no published escalation takes a finding of {module} of type {mapped.Type} and severity {mapped.Severity}",
                $"somebody with policy.publish, who writes one with 'when source_system == {module}'; then it is delivered again"
            )
        );

    /// <summary>The same for every delivery of one finding: organisation, module and the module's own id.</summary>
    static Guid IdOf(Guid organisationId, string module, string outsideId)
    {
        var name = Encoding.UTF8.GetBytes($"module finding {organisationId} {module} {outsideId}");
        var bytes = SHA256.HashData(name).AsSpan(0, 16);
        // RFC 9562: version 8, whose content is our own, and the variant.
        bytes[6] = (byte)(bytes[6] & 0x0F | 0x80);
        bytes[8] = (byte)(bytes[8] & 0x3F | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
