using FsCheck.Xunit;
using Sentinel.Psa.Approvals;
using Sentinel.Psa.Cases;
using Sentinel.Psa.Tasks;

namespace Sentinel.Tests.Psa;

public sealed class MachineTests
{
    [Property]
    public bool Nothing_leaves_closed(CaseTrigger[] triggers) =>
        triggers.Aggregate(CaseState.Closed, (s, t) => CaseMachine.Next(s, t) ?? s)
        == CaseState.Closed;

    [Property]
    public bool A_case_never_goes_back_and_never_skips_a_state(CaseTrigger[] triggers)
    {
        var state = CaseState.Open;
        foreach (var trigger in triggers)
        {
            var next = CaseMachine.Next(state, trigger) ?? state;
            if (next != state && next != state + 1)
                return false;
            state = next;
        }
        return true;
    }

    [Property]
    public bool A_case_closes_only_after_it_was_taken_and_resolved(CaseTrigger[] triggers)
    {
        var accepted = new List<CaseTrigger>();
        var state = CaseState.Open;
        foreach (var trigger in triggers)
            if (CaseMachine.Next(state, trigger) is { } next)
            {
                accepted.Add(trigger);
                state = next;
            }
        return (state == CaseState.Closed)
            == accepted.SequenceEqual([CaseTrigger.Take, CaseTrigger.Resolve, CaseTrigger.Close]);
    }

    [Property]
    public bool Nothing_leaves_done_or_cancelled(CaseTaskTrigger[] triggers) =>
        new[] { CaseTaskState.Done, CaseTaskState.Cancelled }.All(end =>
            triggers.Aggregate(end, (s, t) => CaseTaskMachine.Next(s, t) ?? s) == end
        );

    [Fact]
    public void A_task_is_done_only_after_it_was_running()
    {
        Assert.Null(CaseTaskMachine.Next(CaseTaskState.Pending, CaseTaskTrigger.Complete));
        Assert.Equal(
            CaseTaskState.Done,
            CaseTaskMachine.Next(CaseTaskState.Running, CaseTaskTrigger.Complete)
        );
    }

    [Property]
    public bool An_approval_is_decided_once(ApprovalTrigger[] triggers)
    {
        var state = ApprovalState.Asked;
        var steps = 0;
        foreach (var trigger in triggers)
            if (ApprovalMachine.Next(state, trigger) is { } next)
                (state, steps) = (next, steps + 1);
        return steps == Math.Min(1, triggers.Length);
    }

    [Fact]
    public void Every_state_can_be_reached()
    {
        Assert.Equal(
            Enum.GetValues<CaseState>(),
            Reached<CaseState, CaseTrigger>(CaseState.Open, CaseMachine.Next)
        );
        Assert.Equal(
            Enum.GetValues<CaseTaskState>(),
            Reached<CaseTaskState, CaseTaskTrigger>(CaseTaskState.Pending, CaseTaskMachine.Next)
        );
        Assert.Equal(
            Enum.GetValues<ApprovalState>(),
            Reached<ApprovalState, ApprovalTrigger>(ApprovalState.Asked, ApprovalMachine.Next)
        );
    }

    static IEnumerable<TState> Reached<TState, TTrigger>(
        TState start,
        Func<TState, TTrigger, TState?> next
    )
        where TState : struct, Enum
        where TTrigger : struct, Enum
    {
        var reached = new SortedSet<TState> { start };
        for (var before = 0; before != reached.Count; )
        {
            before = reached.Count;
            foreach (var state in reached.ToList())
                reached.UnionWith(
                    Enum.GetValues<TTrigger>()
                        .Select(trigger => next(state, trigger))
                        .OfType<TState>()
                );
        }
        return reached;
    }
}
