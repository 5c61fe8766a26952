using Sentinel.Psa.Evidence;
using Sentinel.Workflows.Execution;

namespace Sentinel.Psa.Automation;

/// <summary>What workflows can do to a case; none of it closes, attests or approves.</summary>
public static class CaseActivities
{
    /// <param name="objects">Where evidence is kept; null where definitions are only read and simulated.</param>
    public static ActivityCatalogue Catalogue(
        TimeProvider clock,
        EvidenceObjects? objects = null
    ) =>
        new([
            new CreateTaskActivity(clock),
            new AwaitTaskActivity(clock),
            new RequestApprovalActivity(clock),
            RequestActivity.ForDecision(clock),
            RequestActivity.ForClosure(clock),
            OwnerActivity.Assign(clock),
            OwnerActivity.Escalate(clock),
            new CollectEvidenceActivity(objects, clock),
            new AwaitEvidenceActivity(clock),
            new AwaitConditionActivity(clock),
            new SetSeverityActivity(clock),
            new EnrichActivity(),
            new NotifyActivity(clock),
            ConnectorActivity.Rmm(clock),
            ConnectorActivity.Edr(clock),
            ConnectorActivity.Scan(clock),
        ]);
}
