using Sentinel.Workflows.Definitions;
using Sentinel.Workflows.Execution;

namespace Sentinel.Tests.Workflows;

static class Some
{
    public static IWorkflowActivity Acting(string typeName) =>
        new Described(new ActivityDescription(typeName, "Test", "Acts.", [], [], ["Done"]));

    public static IWorkflowActivity Asking(string typeName, params string[] outcomes) =>
        new Described(
            new ActivityDescription(
                typeName,
                "Test",
                "Asks.",
                [],
                [],
                outcomes.Length == 0 ? ["Done"] : outcomes,
                Waits: true
            )
        );

    sealed class Described(ActivityDescription description) : IWorkflowActivity
    {
        public ActivityDescription Description => description;

        public Task<ActivityAnswer> RunAsync(ActivityCall call, CancellationToken cancellation) =>
            throw new InvalidOperationException("Nothing runs it here.");
    }
}
