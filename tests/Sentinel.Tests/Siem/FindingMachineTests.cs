using FsCheck.Xunit;
using Sentinel.Siem.Findings;

namespace Sentinel.Tests.Siem;

public sealed class FindingMachineTests
{
    [Property]
    public bool An_escalated_finding_never_changes_again(FindingTrigger[] triggers) =>
        triggers.Aggregate(
            FindingState.Escalated,
            (state, trigger) => FindingMachine.Next(state, trigger) ?? state
        ) == FindingState.Escalated;

    [Fact]
    public void A_receipt_is_refused_before_anything_was_sent()
    {
        Assert.Null(FindingMachine.Next(FindingState.New, FindingTrigger.Receipt));
        Assert.Equal(
            FindingState.Escalating,
            FindingMachine.Next(FindingState.New, FindingTrigger.Escalate)
        );
        Assert.Null(FindingMachine.Next(FindingState.Escalating, FindingTrigger.Escalate));
        Assert.Equal(
            FindingState.Escalated,
            FindingMachine.Next(FindingState.Escalating, FindingTrigger.Receipt)
        );
    }
}
