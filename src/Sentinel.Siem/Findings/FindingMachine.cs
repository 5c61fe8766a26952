using Sentinel.Postgres.Access;
using Sentinel.Postgres.Machines;

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
    // No arrow leaves Escalated: from there on the PSA owns the clock.
    public static ArrowTable<FindingState, FindingTrigger> Table { get; } =
        new(
            "finding",
            FindingState.New,
            new(
                FindingState.New,
                FindingTrigger.Escalate,
                FindingState.Escalating,
                Who.Anybody,
                "finding.escalate",
                "queued"
            ),
            new(
                FindingState.Escalating,
                FindingTrigger.Receipt,
                FindingState.Escalated,
                Who.Anybody,
                "finding.escalate",
                "received"
            )
        );

    /// <summary>The state after the trigger, or null where it is refused.</summary>
    public static FindingState? Next(FindingState state, FindingTrigger trigger) =>
        Table.Next(state, trigger, ActorKind.Person);
}
