using Sentinel.Postgres.Access;
using Sentinel.Postgres.Machines;

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
    public static ArrowTable<ApprovalState, ApprovalTrigger> Table { get; } =
        new(
            "approval",
            ApprovalState.Asked,
            new(
                ApprovalState.Asked,
                ApprovalTrigger.Approve,
                ApprovalState.Approved,
                Who.Person,
                "approval.decide",
                "none_of_the_work"
            ),
            new(
                ApprovalState.Asked,
                ApprovalTrigger.Refuse,
                ApprovalState.Refused,
                Who.Person,
                "approval.decide",
                "none_of_the_work"
            ),
            new(
                ApprovalState.Asked,
                ApprovalTrigger.Withdraw,
                ApprovalState.Withdrawn,
                Who.Anybody,
                "approval.withdraw",
                "asked_for_it"
            )
        );

    /// <summary>The state after the trigger, or null where the machine has no such arrow.</summary>
    public static ApprovalState? Next(ApprovalState state, ApprovalTrigger trigger) =>
        Next(state, trigger, ActorKind.Person);

    /// <summary>As above, and null also where the arrow is not for such an actor.</summary>
    public static ApprovalState? Next(ApprovalState state, ApprovalTrigger trigger, ActorKind by) =>
        Table.Next(state, trigger, by);
}
