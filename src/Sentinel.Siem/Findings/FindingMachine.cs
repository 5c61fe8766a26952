using Stateless;
using Stateless.Graph;

namespace Sentinel.Siem.Findings;

public enum FindingState
{
    New,
    Escalating,
    Escalated,
}

public enum FindingTrigger
{
    Escalate,
    Receipt,
}

/// <summary>Which state a finding may go to; start here to know what a finding can become.</summary>
public static class FindingMachine
{
    /// <summary>The state after the trigger, or null where it is refused.</summary>
    public static FindingState? Next(FindingState state, FindingTrigger trigger)
    {
        var machine = From(state);
        if (!machine.CanFire(trigger))
            return null;
        machine.Fire(trigger);
        return machine.State;
    }

    /// <summary>The table as a Mermaid state diagram.</summary>
    public static string Diagram() => MermaidGraph.Format(From(FindingState.New).GetInfo());

    static StateMachine<FindingState, FindingTrigger> From(FindingState state)
    {
        var machine = new StateMachine<FindingState, FindingTrigger>(state);
        machine
            .Configure(FindingState.New)
            .Permit(FindingTrigger.Escalate, FindingState.Escalating);
        machine
            .Configure(FindingState.Escalating)
            .Permit(FindingTrigger.Receipt, FindingState.Escalated);
        // Nothing is configured for Escalated: from here on the PSA owns the clock.
        return machine;
    }
}
