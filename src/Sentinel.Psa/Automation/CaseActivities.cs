using Sentinel.Workflows.Execution;

namespace Sentinel.Psa.Automation;

/// <summary>What workflows can do to a case; none of it closes, attests or approves.</summary>
public static class CaseActivities
{
    public static ActivityCatalogue Catalogue(TimeProvider clock) =>
        new([
            new CreateTaskActivity(clock),
            new AwaitTaskActivity(clock),
            RequestActivity.ForDecision(clock),
            RequestActivity.ForClosure(clock),
            ConnectorActivity.Rmm(clock),
            ConnectorActivity.Edr(clock),
            ConnectorActivity.Scan(clock),
        ]);
}
