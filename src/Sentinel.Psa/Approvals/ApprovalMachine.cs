using Stateless;

namespace Sentinel.Psa.Approvals;

public enum ApprovalState
{
    Asked,
    Approved,
    Refused,
    Withdrawn,
}

public enum ApprovalTrigger
{
    Approve,
    Refuse,
    Withdraw,
}

/// <summary>Where an approval can go: decided once, by a person who did not ask for it.</summary>
public static class ApprovalMachine
{
    /// <summary>The state after the trigger, or null where the machine has no such arrow.</summary>
    public static ApprovalState? Next(ApprovalState state, ApprovalTrigger trigger)
    {
        var machine = From(state);
        if (!machine.CanFire(trigger))
            return null;
        machine.Fire(trigger);
        return machine.State;
    }

    internal static StateMachine<ApprovalState, ApprovalTrigger> From(ApprovalState state)
    {
        var machine = new StateMachine<ApprovalState, ApprovalTrigger>(state);
        machine
            .Configure(ApprovalState.Asked)
            .Permit(ApprovalTrigger.Approve, ApprovalState.Approved)
            .Permit(ApprovalTrigger.Refuse, ApprovalState.Refused)
            .Permit(ApprovalTrigger.Withdraw, ApprovalState.Withdrawn);
        return machine;
    }
}
