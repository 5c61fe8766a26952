namespace Sentinel.Psa.Organisations;

/// <summary>
/// The roles and machines that every organisation starts with. Who manages people and credentials
/// does no casework, and whoever works does not attest or close.
/// </summary>
public static class RoleSeeds
{
    public const string Analyst = "analyst";
    public const string IncidentManager = "incident_manager";
    public const string DetectionEngineer = "detection_engineer";
    public const string ProcessOwner = "process_owner";
    public const string Administrator = "administrator";
    public const string Auditor = "auditor";

    /// <summary>What a role may do, by its name.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Roles { get; } =
        new Dictionary<string, IReadOnlyList<string>>
        {
            [Analyst] =
            [
                "event.search",
                "finding.read",
                "finding.escalate",
                "case.read",
                "case.open",
                "case.take",
                "case.work",
                "case.assign",
                "case.resolve",
                "case.dispose",
                "case.comment",
                "case.tag",
                "case.watch",
                "case.link",
                "case.merge",
                "case.set_severity",
                "asset.link",
                "sla.pause",
                "sla.change",
                "task.create",
                "task.read",
                "task.work",
                "task.assign",
                "task.start",
                "task.act",
                "task.complete",
                "task.cancel",
                "evidence.attach",
                "evidence.link",
                "evidence.read",
                "approval.ask",
                "approval.withdraw",
                "audit.read",
                "glass.break",
                "figures.read",
                "user.read",
                "asset.read",
            ],
            [IncidentManager] =
            [
                "event.search",
                "finding.read",
                "finding.escalate",
                "case.read",
                "case.open",
                "case.take",
                "case.work",
                "case.assign",
                "case.resolve",
                "case.dispose",
                "case.comment",
                "case.tag",
                "case.watch",
                "case.link",
                "case.merge",
                "case.set_severity",
                "asset.link",
                "sla.pause",
                "sla.change",
                "case.attest",
                "case.close",
                "task.create",
                "task.read",
                "task.work",
                "task.assign",
                "task.start",
                "task.act",
                "task.complete",
                "task.cancel",
                "evidence.attach",
                "evidence.link",
                "evidence.read",
                "evidence.redact",
                "hold.place",
                "hold.lift",
                "approval.ask",
                "approval.withdraw",
                "approval.decide",
                "audit.read",
                "glass.break",
                "glass.review",
                "figures.read",
                "case.export",
                "user.read",
                "asset.read",
            ],
            [DetectionEngineer] =
            [
                "event.ingest",
                "event.search",
                "finding.read",
                "policy.publish",
                "policy.approve",
                "case.read",
                "glass.break",
                "user.read",
            ],
            // Who says how work is done draws it; running it for a case takes case.open.
            [ProcessOwner] =
            [
                "workflow.publish",
                "workflow.approve",
                "finding.read",
                "case.read",
                "case.open",
                "task.read",
                "figures.read",
                "user.read",
            ],
            [Administrator] =
            [
                "user.manage",
                "credential.issue",
                "asset.manage",
                "connector.manage",
                "event.ingest",
                "event.search",
                "finding.read",
                "finding.escalate",
                "policy.publish",
                "policy.approve",
                "workflow.publish",
                "workflow.approve",
                "case.read",
                "case.open",
                "task.read",
                "evidence.read",
                "hold.place",
                "hold.lift",
                "audit.read",
                "jobs.view",
                "glass.review",
                "user.impersonate",
                "figures.read",
                "user.read",
                "asset.read",
            ],
            [Auditor] =
            [
                "event.search",
                "finding.read",
                "case.read",
                "task.read",
                "evidence.read",
                "audit.read",
                "figures.read",
                "case.export",
                "user.read",
                "asset.read",
            ],
        };

    /// <summary>What another module's machine may do: deliver its findings, which open cases with their work.</summary>
    static readonly IReadOnlyList<string> module =
    [
        "case.open",
        "case.read",
        "task.create",
        "evidence.attach",
    ];

    /// <summary>What machines may do, Sentinel's own and those of modules: never close, attest, approve or cancel.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Machines { get; } =
        new Dictionary<string, IReadOnlyList<string>>
        {
            ["siem"] =
            [
                "event.ingest",
                "event.search",
                "finding.read",
                "finding.escalate",
                "case.open",
                "case.read",
                "case.comment",
                "task.create",
                "evidence.attach",
                "evidence.read",
            ],
            ["workflow"] =
            [
                "case.read",
                "case.comment",
                "task.create",
                "task.read",
                "task.work",
                "task.start",
                "task.act",
                "task.complete",
                "evidence.attach",
                "evidence.read",
                "approval.ask",
                "approval.withdraw",
                // Its sweep runs the clocks, whose steps send a case to another queue.
                "sla.run",
                "case.assign",
            ],
            ["rmm"] = module,
            ["edr"] = module,
            ["vulnerability"] = module,
            ["pentest"] = module,
            ["compliance"] = module,
        };
}
