using Sentinel.Workflows.Definitions;
using Sentinel.Workflows.Execution;

namespace Sentinel.Tests.Workflows;

static class Some
{
    /// <summary>The built-in activities, and one that waits for a person.</summary>
    public static ActivityCatalogue Catalogue() =>
        new([
            new Described(
                new ActivityDescription(
                    "Sentinel.AwaitApproval",
                    "Case",
                    "Waits for a decision.",
                    [new("assignee", WorkflowType.Text), new("severity", WorkflowType.Text)],
                    ["Decision"],
                    ["Approved", "Rejected", "Expired"],
                    Waits: true
                )
            ),
        ]);

    public static IWorkflowActivity Acting(string typeName) =>
        new Described(new ActivityDescription(typeName, "Test", "Acts.", [], [], ["Done"]));

    public static IWorkflowActivity Asking(string typeName) =>
        new Described(
            new ActivityDescription(typeName, "Test", "Asks.", [], [], ["Done"], Waits: true)
        );

    sealed class Described(ActivityDescription description) : IWorkflowActivity
    {
        public ActivityDescription Description => description;

        public Task<ActivityAnswer> RunAsync(ActivityCall call, CancellationToken cancellation) =>
            throw new InvalidOperationException("Recorded cases have no effects.");
    }
}
