using Stateless;

namespace Sentinel.Psa.Cases;

public enum CaseState
{
    Open,
    InProgress,
    Resolved,
    Closed,
}

public enum CaseTrigger
{
    Take,
    Resolve,
    Close,
}

/// <summary>Where a case can go. Only people pull these triggers; closed is final.</summary>
public static class CaseMachine
{
    /// <summary>The state after the trigger, or null where the machine has no such arrow.</summary>
    public static CaseState? Next(CaseState state, CaseTrigger trigger)
    {
        var machine = From(state);
        if (!machine.CanFire(trigger))
            return null;
        machine.Fire(trigger);
        return machine.State;
    }

    internal static StateMachine<CaseState, CaseTrigger> From(CaseState state)
    {
        var machine = new StateMachine<CaseState, CaseTrigger>(state);
        machine.Configure(CaseState.Open).Permit(CaseTrigger.Take, CaseState.InProgress);
        machine.Configure(CaseState.InProgress).Permit(CaseTrigger.Resolve, CaseState.Resolved);
        machine.Configure(CaseState.Resolved).Permit(CaseTrigger.Close, CaseState.Closed);
        // Nothing is configured for Closed: what comes later belongs to a follow-on case.
        return machine;
    }
}
