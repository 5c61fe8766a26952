using Sentinel.IntegrationTests.Psa;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Approvals;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Cases;
using Sentinel.Psa.Evidence;
using Sentinel.Psa.Governance;
using Sentinel.Psa.Organisations;
using Sentinel.Psa.Relations;

namespace Sentinel.IntegrationTests.Governance;

/// <summary>One case on which a sequence of steps is tried three times each: model, raw SQL, service.</summary>
sealed class TrialCase
{
    readonly TrialOffice trial;
    readonly Office office;
    readonly ReferenceRules rules = new(TrialOffice.World);
    readonly List<Guid> tasks = [];
    Guid caseId;
    Guid other;
    Guid otherTask;
    Guid approval;
    Guid delegation;
    Guid link;

    TrialCase(TrialOffice trial)
    {
        this.trial = trial;
        office = trial.Office;
    }

    // The other case's task was started by the workflow.
    public ReferenceCase Now { get; private set; } =
        new ReferenceCase() with
        {
            Elsewhere = ReferenceCase.MachineBit,
        };

    public List<string> Story { get; } = [];

    public static async Task<TrialCase> OpenAsync(TrialOffice trial)
    {
        var one = new TrialCase(trial);
        one.caseId = await one.office.CaseAsync();
        for (var more = 1; more < TrialOffice.World.Tasks; more++)
            Done(
                await one.office.CreateTask.RunAsync(
                    one.office.Workflow,
                    one.caseId,
                    "more",
                    "More",
                    null,
                    default
                )
            );
        one.tasks.AddRange((await one.office.StoryAsync(one.caseId)).Tasks.Select(task => task.Id));
        one.other = await one.office.CaseAsync();
        one.otherTask = (await one.office.StoryAsync(one.other)).Tasks[0].Id;
        Done(await one.office.StartTask.RunAsync(one.office.Workflow, one.otherTask, default));
        return one;
    }

    /// <summary>Null where all three agree.</summary>
    public async Task<string?> TryAsync(ReferenceStep step)
    {
        var next = rules.Next(Now, step);
        var raw = await RawAsync(step);
        var service = await ServiceAsync(step);
        Story.Add($"{step}: {(next is null ? "no" : "yes")}");
        if (raw is { } by && by != next is not null || service != next is not null)
            return $"the model says {next is not null}, SQL {raw}, the service {service} of {step} in {Now}";
        Now = next ?? Now;
        return null;
    }

    /// <summary>Delegations are between people, not cases: the next sequence begins without.</summary>
    public async Task EndAsync()
    {
        if (Now.Delegation != 0)
            Done(
                await End.RunAsync(
                    trial.Token(new Hand(Now.Delegator, Now.Delegator)),
                    delegation,
                    default
                )
            );
    }

    Task<bool?> RawAsync(ReferenceStep step)
    {
        // To assign a task to its assignee changes no row, and the database sees nothing to judge.
        if (step.Act == ReferenceAct.AssignTask && Now.Assignee(step.Task) == step.Whom)
            return Task.FromResult<bool?>(null);
        var row = step.Act switch
        {
            ReferenceAct.ApproveIt or ReferenceAct.RefuseIt or ReferenceAct.WithdrawIt => approval,
            ReferenceAct.EndDelegation => delegation,
            ReferenceAct.WorkElsewhere => otherTask,
            ReferenceAct.MergeWithOther => other,
            ReferenceAct.UnmergeFromOther => link,
            _ => tasks[step.Task],
        };
        return Asked(row);

        async Task<bool?> Asked(Guid id) =>
            await trial.WouldLetAsync(
                trial.Token(step.By),
                RawSteps.Sql(step.Act),
                caseId,
                id,
                trial.People[step.Whom].Id
            );
    }

    async Task<bool> ServiceAsync(ReferenceStep step)
    {
        var by = trial.Token(step.By);
        var whom = trial.People[step.Whom].Id;
        return step.Act switch
        {
            ReferenceAct.TakeIt => Ok(await office.TakeCase.RunAsync(by, caseId, default)),
            ReferenceAct.DisposeIt => Ok(
                await office.DisposeCase.RunAsync(by, caseId, Disposition.Benign, "so", default)
            ),
            ReferenceAct.ResolveIt => Ok(await office.ResolveCase.RunAsync(by, caseId, default)),
            ReferenceAct.AttestIt => Ok(
                await office.AttestCase.RunAsync(by, caseId, "seen", default)
            ),
            ReferenceAct.CloseIt => Ok(await office.CloseCase.RunAsync(by, caseId, default)),
            ReferenceAct.AttachSomething => Ok(await AttachAsync(by)),
            ReferenceAct.StartTask
            or ReferenceAct.CompleteTask
            or ReferenceAct.CancelTask
            or ReferenceAct.AssignTask
            or ReferenceAct.RecordAction => await TaskAsync(step, by, whom),
            ReferenceAct.WorkElsewhere => Ok(
                await office.RecordTaskAction.RunAsync(by, otherTask, "called", "there", default)
            ),
            ReferenceAct.AskForApproval => await AskAsync(by),
            ReferenceAct.ApproveIt => await DecideAsync(by, ApprovalTrigger.Approve),
            ReferenceAct.RefuseIt => await DecideAsync(by, ApprovalTrigger.Refuse),
            ReferenceAct.WithdrawIt => await DecideAsync(by, ApprovalTrigger.Withdraw),
            ReferenceAct.MergeWithOther => await MergeAsync(by),
            ReferenceAct.UnmergeFromOther => Ok(
                await new UnlinkCases(office.Database.Sentinel, TimeProvider.System).RunAsync(
                    by,
                    caseId,
                    other,
                    Relationship.Merged,
                    "not the same",
                    default
                )
            ),
            ReferenceAct.DelegateDuties => await DelegateAsync(by, whom),
            ReferenceAct.EndDelegation => Ok(await End.RunAsync(by, delegation, default)),
            _ => throw new ArgumentOutOfRangeException(nameof(step)),
        };
    }

    async Task<bool> TaskAsync(ReferenceStep step, Secret by, Guid whom)
    {
        var task = tasks[step.Task];
        return step.Act switch
        {
            ReferenceAct.StartTask => Ok(await office.StartTask.RunAsync(by, task, default)),
            ReferenceAct.CompleteTask => Ok(
                await office.CompleteTask.RunAsync(by, task, "done", default)
            ),
            ReferenceAct.CancelTask => Ok(
                await office.CancelTask.RunAsync(by, task, "not needed", default)
            ),
            ReferenceAct.AssignTask => Ok(
                await office.AssignTask.RunAsync(by, task, whom, default)
            ),
            _ => Ok(await office.RecordTaskAction.RunAsync(by, task, "called", "here", default)),
        };
    }

    async Task<Outcome<EvidenceItem>> AttachAsync(Secret by)
    {
        using var content = new MemoryStream([(byte)Story.Count]);
        return await office.AttachEvidence.RunAsync(
            by,
            new NewEvidence(caseId, "log", "More"),
            content,
            default
        );
    }

    async Task<bool> AskAsync(Secret by)
    {
        var asked = await office.AskApproval.RunAsync(by, caseId, null, "May I?", default);
        return asked.Match(
            done =>
            {
                approval = done.Id;
                return true;
            },
            _ => false,
            _ => false
        );
    }

    async Task<bool> DecideAsync(Secret by, ApprovalTrigger decision) =>
        Ok(await office.DecideApproval.RunAsync(by, approval, decision, "so", default));

    async Task<bool> MergeAsync(Secret by)
    {
        var merged = await new LinkCases(office.Database.Sentinel, TimeProvider.System).RunAsync(
            by,
            caseId,
            other,
            Relationship.Merged,
            "the same matter",
            default
        );
        return merged.Match(
            done =>
            {
                link = done.Id;
                return true;
            },
            _ => false,
            _ => false
        );
    }

    async Task<bool> DelegateAsync(Secret by, Guid whom)
    {
        var given = await new DelegateDuties(
            office.Database.Sentinel,
            TimeProvider.System
        ).RunAsync(by, whom, TimeSpan.FromHours(1), "away", default);
        return given.Match(
            id =>
            {
                delegation = id;
                return true;
            },
            _ => false,
            _ => false
        );
    }

    EndDelegation End => new(office.Database.Sentinel, TimeProvider.System);

    static bool Ok<T>(Outcome<T> outcome) => outcome is Outcome<T>.Done;

    static T Done<T>(Outcome<T> outcome) => Office.Done(outcome);
}
