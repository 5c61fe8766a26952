using Sentinel.Postgres.Access;
using Sentinel.Postgres.Machines;

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
    // No arrow leaves Closed: what comes later belongs to a follow-on case.
    public static ArrowTable<CaseState, CaseTrigger> Table { get; } =
        new(
            "case",
            CaseState.Open,
            new(
                CaseState.Open,
                CaseTrigger.Take,
                CaseState.InProgress,
                Who.Person,
                "case.take",
                "none"
            ),
            new(
                CaseState.InProgress,
                CaseTrigger.Resolve,
                CaseState.Resolved,
                Who.Person,
                "case.resolve",
                "leaves_somebody"
            ),
            new(
                CaseState.Resolved,
                CaseTrigger.Close,
                CaseState.Closed,
                Who.Person,
                "case.close",
                "nothing_missing"
            )
        );

    /// <summary>The state after the trigger, or null where the machine has no such arrow.</summary>
    public static CaseState? Next(CaseState state, CaseTrigger trigger) =>
        Next(state, trigger, ActorKind.Person);

    /// <summary>As above, and null also where the arrow is not for such an actor.</summary>
    public static CaseState? Next(CaseState state, CaseTrigger trigger, ActorKind by) =>
        Table.Next(state, trigger, by);
}
