using Stateless;

namespace Sentinel.Psa.Tasks;

public enum CaseTaskState
{
    Pending,
    Running,
    Done,
    Cancelled,
}

public enum CaseTaskTrigger
{
    Start,
    Complete,
    Cancel,
}

/// <summary>Where a task can go. Cancelling takes a person and a reason.</summary>
public static class CaseTaskMachine
{
    /// <summary>The state after the trigger, or null where the machine has no such arrow.</summary>
    public static CaseTaskState? Next(CaseTaskState state, CaseTaskTrigger trigger)
    {
        var machine = From(state);
        if (!machine.CanFire(trigger))
            return null;
        machine.Fire(trigger);
        return machine.State;
    }

    internal static StateMachine<CaseTaskState, CaseTaskTrigger> From(CaseTaskState state)
    {
        var machine = new StateMachine<CaseTaskState, CaseTaskTrigger>(state);
        machine
            .Configure(CaseTaskState.Pending)
            .Permit(CaseTaskTrigger.Start, CaseTaskState.Running)
            .Permit(CaseTaskTrigger.Cancel, CaseTaskState.Cancelled);
        machine
            .Configure(CaseTaskState.Running)
            .Permit(CaseTaskTrigger.Complete, CaseTaskState.Done)
            .Permit(CaseTaskTrigger.Cancel, CaseTaskState.Cancelled);
        // Nothing is configured for Done and Cancelled: work that was declared stays declared.
        return machine;
    }
}
