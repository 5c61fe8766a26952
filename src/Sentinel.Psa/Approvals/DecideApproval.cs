using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Approvals;

/// <summary>Approves, refuses or withdraws, once and with a reason. Nobody decides what they asked for.</summary>
public sealed class DecideApproval(SentinelDatabase database, TimeProvider clock)
{
    public Task<Outcome<Approval>> RunAsync(
        Secret secret,
        Guid approvalId,
        ApprovalTrigger decision,
        string reason,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("approval." + decision.Word(), "approval", approvalId, null),
            work => InAsync(work, approvalId, decision, reason, cancellation),
            cancellation
        );

    async Task<Outcome<Approval>> InAsync(
        PresentedTransaction work,
        Guid approvalId,
        ApprovalTrigger decision,
        string reason,
        CancellationToken cancellation
    )
    {
        if (await ApprovalStore.LockAsync(work, approvalId, cancellation) is not { } approval)
            return new Outcome<Approval>.NotFound($"approval {approvalId}");
        var refusal =
            await FitnessAsync(work, approval, decision, cancellation)
            ?? ReasonGiven.Missing("approval." + decision.Word(), reason);
        if (refusal is not null)
            return new Outcome<Approval>.Declined(refusal);
        if (ApprovalMachine.Next(approval.Status, decision, work.Actor.Kind) is not { } next)
            return new Outcome<Approval>.Declined(
                new RuleRefusal(
                    "approval.arrow",
                    $"it was decided before: {approval.Status.Word()}",
                    "ask for a new approval"
                )
            );
        await ApprovalStore.DecideAsync(
            work,
            approvalId,
            next,
            reason,
            clock.GetUtcNow(),
            cancellation
        );
        var decided = await ApprovalStore.FindAsync(work, approvalId, cancellation);
        await ApprovalSignal.SendAsync(work, decided!, clock.GetUtcNow(), cancellation);
        return new Outcome<Approval>.Done(decided!);
    }

    static async Task<RuleRefusal?> FitnessAsync(
        PresentedTransaction work,
        Approval approval,
        ApprovalTrigger decision,
        CancellationToken cancellation
    )
    {
        if (decision == ApprovalTrigger.Withdraw)
            return approval.AskedBy == work.Actor.Id
                ? await PermissionStore.LackingAsync(work, "approval.withdraw", cancellation)
                : new RuleRefusal("approval.withdraw", "only who asked may withdraw", "who asked");
        if (PermissionStore.UnlessPerson(work.Actor, "approval." + decision.Word()) is { } machine)
            return machine;
        if (await PermissionStore.UnfitAsync(work, "approval.decide", cancellation) is { } unfit)
            return unfit;
        if (await ApprovalStore.IsOwnAsync(work, approval, cancellation))
            return new RuleRefusal(
                "approval.own_work",
                "this person asked for it or worked in the case, under one identity or another",
                "somebody with approval.decide who did none of the work"
            )
            {
                Able = new Able("approval.decide"),
            };
        return await PermissionStore.LackingAsync(work, "approval.decide", cancellation);
    }
}
