using Sentinel.Postgres.Access;
using Sentinel.Postgres.Machines;

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
    // No arrow leaves Done or Cancelled: work that was declared stays declared.
    public static ArrowTable<CaseTaskState, CaseTaskTrigger> Table { get; } =
        new(
            "task",
            CaseTaskState.Pending,
            new(
                CaseTaskState.Pending,
                CaseTaskTrigger.Start,
                CaseTaskState.Running,
                Who.Anybody,
                "task.start",
                "its_own"
            ),
            new(
                CaseTaskState.Pending,
                CaseTaskTrigger.Cancel,
                CaseTaskState.Cancelled,
                Who.Person,
                "task.cancel",
                "reason"
            ),
            new(
                CaseTaskState.Running,
                CaseTaskTrigger.Complete,
                CaseTaskState.Done,
                Who.Anybody,
                "task.complete",
                "its_own"
            ),
            new(
                CaseTaskState.Running,
                CaseTaskTrigger.Cancel,
                CaseTaskState.Cancelled,
                Who.Person,
                "task.cancel",
                "reason"
            )
        );

    /// <summary>The state after the trigger, or null where the machine has no such arrow.</summary>
    public static CaseTaskState? Next(CaseTaskState state, CaseTaskTrigger trigger) =>
        Next(state, trigger, ActorKind.Person);

    /// <summary>As above, and null also where the arrow is not for such an actor.</summary>
    public static CaseTaskState? Next(CaseTaskState state, CaseTaskTrigger trigger, ActorKind by) =>
        Table.Next(state, trigger, by);
}
