using Sentinel.Postgres.Machines;
using Sentinel.Psa.Approvals;
using Sentinel.Psa.Cases;
using Sentinel.Psa.Tasks;

namespace Sentinel.Psa.Governance;

/// <summary>
/// Governance as a pure function: who may do what to a case, and what becomes of it. Written from the
/// order, not from the service: the two and the database are compared, step by step, by a test.
/// </summary>
/// <param name="without">A rule that is left out, to see that the proof would notice.</param>
sealed class ReferenceRules(ReferenceWorld world, string? without = null)
{
    /// <summary>The rules that can be left out.</summary>
    public static readonly IReadOnlyList<string> Names =
    [
        "people_decide",
        "own_close",
        "own_attest",
        "own_approve",
        "leaves_somebody",
        "attestation",
        "impersonation",
        "deputies_count",
        "merged_work_counts",
        "closed_is_final",
    ];

    /// <summary>The case after the step, or null where it is refused.</summary>
    public ReferenceCase? Next(ReferenceCase now, ReferenceStep step) =>
        now.Status == CaseState.Closed && Asks("closed_is_final") ? AfterTheEnd(now, step)
        : Allows(now, step) ? Apply(now, step)
        : null;

    /// <summary>A closed case stays; people come and go, and what happens next is another case.</summary>
    ReferenceCase? AfterTheEnd(ReferenceCase now, ReferenceStep step) =>
        step.Act switch
        {
            ReferenceAct.FollowOn
            or ReferenceAct.DelegateDuties
            or ReferenceAct.EndDelegation when Allows(now, step) => Apply(now, step),
            _ => null,
        };

    bool Allows(ReferenceCase now, ReferenceStep step)
    {
        var by = step.By;
        return step.Act switch
        {
            ReferenceAct.TakeIt => Arrow(now, by, CaseTrigger.Take),
            ReferenceAct.ResolveIt => Arrow(now, by, CaseTrigger.Resolve),
            ReferenceAct.CloseIt => Arrow(now, by, CaseTrigger.Close),
            ReferenceAct.DisposeIt => Person(by) && May(now, by, "case.dispose"),
            ReferenceAct.AttachSomething => May(now, by, "evidence.attach"),
            ReferenceAct.AttestIt => now.Status == CaseState.Resolved
                && Fit(now, by)
                && May(now, by, "case.attest")
                && (world.HasRole(by.Person) || world.HasRole(by.InWhoseName))
                && !(Asks("own_attest") && IsOwn(now, by)),
            ReferenceAct.StartTask => Arrow(now, step, CaseTaskTrigger.Start),
            ReferenceAct.CompleteTask => Arrow(now, step, CaseTaskTrigger.Complete),
            ReferenceAct.CancelTask => Arrow(now, step, CaseTaskTrigger.Cancel),
            ReferenceAct.RecordAction => now.TaskState(step.Task) == CaseTaskState.Running
                && May(now, by, "task.act")
                && LeavesSomebody(now, by.Bits),
            ReferenceAct.AssignTask => now.TaskState(step.Task)
                is CaseTaskState.Pending
                    or CaseTaskState.Running
                && May(now, by, "task.assign")
                && (now.Assignee(step.Task) == step.Whom || LeavesSomebody(now, 1 << step.Whom)),
            ReferenceAct.AskForApproval => now.Asker == 0
                && May(now, by, "approval.ask")
                && LeavesSomebody(now, by.Bits),
            ReferenceAct.ApproveIt => Arrow(now, by, ApprovalTrigger.Approve),
            ReferenceAct.RefuseIt => Arrow(now, by, ApprovalTrigger.Refuse),
            ReferenceAct.WithdrawIt => Arrow(now, by, ApprovalTrigger.Withdraw),
            ReferenceAct.DelegateDuties => now.Delegation == 0
                && by.IsPerson
                && !by.IsDeputy
                && by.Person != step.Whom,
            ReferenceAct.EndDelegation => now.Delegation != 0
                && (by.Person == now.Delegator || by.Person == now.Delegate),
            ReferenceAct.WorkElsewhere => May(now, by, "task.act")
                && LeavesSomebodyThere(now, by.Bits),
            ReferenceAct.MergeWithOther => !now.Merged
                && Person(by)
                && May(now, by, "case.merge")
                && LeavesSomebody(now with { Merged = true }, 0),
            ReferenceAct.UnmergeFromOther => now.Merged
                && Person(by)
                && May(now, by, "case.merge")
                && !IsOwn(now, by),
            ReferenceAct.FollowOn => now.Status == CaseState.Closed && May(now, by, "case.open"),
        };
    }

    ReferenceCase Apply(ReferenceCase now, ReferenceStep step)
    {
        var by = step.By;
        var worked = now with { Workers = now.Workers | by.Bits & WorkerBits, Attested = 0 };
        return step.Act switch
        {
            ReferenceAct.TakeIt => now with { Status = CaseState.InProgress },
            ReferenceAct.ResolveIt => now with
            {
                Status = CaseState.Resolved,
                Workers = worked.Workers,
            },
            ReferenceAct.CloseIt => now with { Status = CaseState.Closed },
            ReferenceAct.DisposeIt => now with { Disposed = true, Attested = 0 },
            ReferenceAct.AttachSomething => now with { Attested = 0 },
            ReferenceAct.AttestIt => now with
            {
                Attested = now.Attested | ReferenceCase.Pair(by.Person, by.InWhoseName),
            },
            ReferenceAct.StartTask => worked.With(
                step.Task,
                CaseTaskState.Running,
                now.Assignee(step.Task) < 0 && by.IsPerson ? by.Person : now.Assignee(step.Task)
            ),
            ReferenceAct.RecordAction => worked,
            // Whoever completed it is among the workers, so its assignee says nothing more.
            ReferenceAct.CompleteTask => worked.With(step.Task, CaseTaskState.Done, -1),
            ReferenceAct.CancelTask => (now with { Attested = 0 }).With(
                step.Task,
                CaseTaskState.Cancelled,
                -1
            ),
            ReferenceAct.AssignTask => now.With(step.Task, now.TaskState(step.Task), step.Whom),
            ReferenceAct.AskForApproval => now with
            {
                Asker = by.Person + 1,
                Workers = worked.Workers,
            },
            ReferenceAct.ApproveIt or ReferenceAct.RefuseIt or ReferenceAct.WithdrawIt => now with
            {
                Asker = 0,
            },
            ReferenceAct.DelegateDuties => now with
            {
                Delegation = 1 + by.Person * ReferenceCase.People + step.Whom,
            },
            ReferenceAct.EndDelegation => now with { Delegation = 0 },
            ReferenceAct.WorkElsewhere => now with
            {
                Elsewhere = now.Elsewhere | by.Bits & WorkerBits,
            },
            ReferenceAct.MergeWithOther => now with { Merged = true },
            ReferenceAct.UnmergeFromOther => now with { Merged = false },
            ReferenceAct.FollowOn => new ReferenceCase() with
            {
                Delegation = now.Delegation,
                Follows = true,
            },
        };
    }

    const int WorkerBits = ReferenceCase.PeopleBits | ReferenceCase.MachineBit;

    bool Arrow(ReferenceCase now, Hand by, CaseTrigger trigger) =>
        Find(CaseMachine.Table, now.Status, trigger) is { } arrow
        && Holds(now, by, arrow.Who, arrow.Permission, arrow.Guard, -1);

    bool Arrow(ReferenceCase now, ReferenceStep step, CaseTaskTrigger trigger) =>
        Find(CaseTaskMachine.Table, now.TaskState(step.Task), trigger) is { } arrow
        && Holds(now, step.By, arrow.Who, arrow.Permission, arrow.Guard, step.Task);

    bool Arrow(ReferenceCase now, Hand by, ApprovalTrigger trigger) =>
        now.Asker != 0
        && Find(ApprovalMachine.Table, ApprovalState.Asked, trigger) is { } arrow
        && Holds(now, by, arrow.Who, arrow.Permission, arrow.Guard, -1);

    static Arrow<TState, TTrigger>? Find<TState, TTrigger>(
        ArrowTable<TState, TTrigger> table,
        TState state,
        TTrigger trigger
    )
        where TState : struct, Enum
        where TTrigger : struct, Enum => table.Find(state, trigger);

    bool Holds(ReferenceCase now, Hand by, Who who, string permission, string guard, int task) =>
        (who == Who.Anybody || Person(by))
        && May(now, by, permission)
        && guard switch
        {
            "none" or "reason" => true,
            "leaves_somebody" => LeavesSomebody(now, by.Bits),
            "nothing_missing" => Fit(now, by) && NothingMissing(now, by),
            "its_own" => IsTheirs(now, by, task) && LeavesSomebody(now, by.Bits),
            "none_of_the_work" => Fit(now, by)
                && !(
                    Asks("own_approve") && (IsOwn(now, by) || Mine(now, by, 1 << (now.Asker - 1)))
                ),
            "asked_for_it" => now.Asker == by.Person + 1,
            _ => false,
        };

    static bool IsTheirs(ReferenceCase now, Hand by, int task) =>
        now.Assignee(task) is var assignee
        && (
            by.IsPerson
                ? assignee == by.Person
                    || assignee == by.InWhoseName
                    || assignee < 0 && now.TaskState(task) == CaseTaskState.Pending
                : assignee < 0
        );

    bool NothingMissing(ReferenceCase now, Hand by)
    {
        if (Asks("own_close") && IsOwn(now, by) || !now.Disposed || now.Asker != 0)
            return false;
        for (var task = 0; task < world.Tasks; task++)
            if (now.TaskState(task) is CaseTaskState.Pending or CaseTaskState.Running)
                return false;
        return !Asks("attestation") || IsAttested(now);
    }

    bool IsAttested(ReferenceCase now)
    {
        var everybody = Everybody(now);
        for (var person = 0; person < world.People; person++)
        for (var other = 0; other < world.People; other++)
            if (
                (now.Attested & ReferenceCase.Pair(person, other)) != 0
                && ((now.Identities(person) | 1 << other) & everybody) == 0
            )
                return true;
        return false;
    }

    bool May(ReferenceCase now, Hand by, string permission) =>
        world.Holds(by.Person, permission)
        || IsNamed(now, by) && world.Holds(by.InWhoseName, permission);

    /// <summary>A deputy whose delegation is in force.</summary>
    static bool IsNamed(ReferenceCase now, Hand by) =>
        by.IsDeputy
        && now.Delegation != 0
        && now.Delegate == by.Person
        && now.Delegator == by.InWhoseName;

    bool Person(Hand by) => by.IsPerson || !Asks("people_decide");

    bool Fit(ReferenceCase now, Hand by) =>
        Person(by) && (!by.IsDeputy || !Asks("impersonation") || IsNamed(now, by));

    bool IsOwn(ReferenceCase now, Hand by) => Mine(now, by, Everybody(now));

    bool Mine(ReferenceCase now, Hand by, int work) =>
        by.IsPerson
        && (
            (
                Asks("deputies_count")
                    ? now.Identities(by.Person) | now.Identities(by.InWhoseName)
                    : 1 << by.Person
            ) & work
        ) != 0;

    int Everybody(ReferenceCase now) =>
        (Asks("merged_work_counts") ? now : now with { Merged = false }).Everybody(world.Tasks);

    bool LeavesSomebody(ReferenceCase now, int added) =>
        !Asks("leaves_somebody") || LeavesSomebody(now, Everybody(now), added);

    bool LeavesSomebodyThere(ReferenceCase now, int added) =>
        !Asks("leaves_somebody")
        || LeavesSomebody(now, now.Merged ? Everybody(now) : now.Elsewhere, added);

    // Whoever adds nobody new to the workers takes nobody away either.
    bool LeavesSomebody(ReferenceCase now, int everybody, int added)
    {
        if (added != 0 && (added & ~everybody) == 0)
            return true;
        bool attests = false,
            closes = false;
        for (var person = 0; person < world.People; person++)
            if ((now.Identities(person) & (everybody | added)) == 0)
            {
                attests |= world.HasRole(person) && world.Holds(person, "case.attest");
                closes |= world.Holds(person, "case.close");
            }
        return attests && closes;
    }

    bool Asks(string rule) => without != rule;
}
