using Sentinel.Policies.Model;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;

namespace Sentinel.Policies.Store;

public abstract record ApprovePoliciesOutcome
{
    public sealed record Approved(IReadOnlyList<PolicyVersion> Versions) : ApprovePoliciesOutcome;

    public sealed record NotFound(Guid VersionId) : ApprovePoliciesOutcome;

    /// <summary>What is active has changed since: together they do not load any more.</summary>
    public sealed record Rejected(IReadOnlyList<Diagnostic> Diagnostics) : ApprovePoliciesOutcome;

    public sealed record Refused(string Rule, string Reason) : ApprovePoliciesOutcome;
}

/// <summary>
/// A second person approves versions, all or none, and they are active from then on. Who wrote one,
/// under any identity, cannot; that is decided in the database. So is that their tests are green.
/// </summary>
public sealed class ApprovePolicies(
    SentinelDatabase database,
    IPolicyTests tests,
    TimeProvider clock
)
{
    /// <param name="with">Who runs the tests, where files that they name lie with the approver.</param>
    public Task<ApprovePoliciesOutcome> RunAsync(
        Secret secret,
        IReadOnlyList<Guid> versionIds,
        string? reason,
        CancellationToken cancellation,
        IPolicyTests? with = null
    ) =>
        PolicyAttemptStore.RunAsync<ApprovePoliciesOutcome>(
            database.Psa,
            secret,
            "policy.approve",
            work => InAsync(work, versionIds, reason, with ?? tests, cancellation),
            outcome => outcome is ApprovePoliciesOutcome.Approved,
            (rule, why) => new ApprovePoliciesOutcome.Refused(rule, why),
            cancellation
        );

    async Task<ApprovePoliciesOutcome> InAsync(
        PresentedTransaction work,
        IReadOnlyList<Guid> versionIds,
        string? reason,
        IPolicyTests run,
        CancellationToken cancellation
    )
    {
        var organisation = work.Actor.OrganisationId;
        var history = await PolicyStore.HistoryAsync(
            work.Connection,
            organisation,
            null,
            cancellation
        );
        var known = history.ToDictionary(v => v.Id);
        foreach (var id in versionIds.Where(id => !known.ContainsKey(id)))
            return new ApprovePoliciesOutcome.NotFound(id);
        var versions = versionIds.Distinct().Select(id => known[id]).ToList();
        if (WhyNot(versions, history) is { } refusal)
            return refusal;
        var active = history.Where(v => v.Active).Select(v => v.Text).ToList();
        var loaded = PolicySet.Load(versions.Select(v => v.Text), active);
        if (loaded is not PolicyLoad.Loaded { Policy: var policy })
            return new ApprovePoliciesOutcome.Rejected(((PolicyLoad.Rejected)loaded).Diagnostics);
        var now = clock.GetUtcNow();
        var approval = new PolicyApproval(work.Actor.Id, reason, now);
        var set = PolicySet.HashOf(versions.Select(v => v.Text), active);
        foreach (var version in versions)
        {
            await PolicyStore.InsertApprovalAsync(
                work.Connection,
                organisation,
                version.Id,
                approval,
                cancellation
            );
            // Again, since what is active around them may have changed.
            var count = run.Run(policy, version.Text);
            if (!count.IsGreen)
                return new ApprovePoliciesOutcome.Refused(
                    "policy.tests",
                    PublishPolicies.WhyRed(version.Text, count)
                );
            await PolicyStore.InsertTestRunAsync(work, version, set, count, cancellation);
            await PolicyStore.InsertActivationAsync(
                work.Connection,
                organisation,
                version.Id,
                work.Actor.Id,
                now,
                cancellation
            );
        }
        return new ApprovePoliciesOutcome.Approved([
            .. versions.Select(v =>
                v with
                {
                    Approved = true,
                    Active = true,
                    ApprovalMade = approval,
                }
            ),
        ]);
    }

    static ApprovePoliciesOutcome.Refused? WhyNot(
        IReadOnlyList<PolicyVersion> versions,
        IReadOnlyList<PolicyVersion> history
    )
    {
        if (versions.FirstOrDefault(v => v.Approved) is { } again)
            return new("policy.approve.again", $"{Said(again)} was approved before.");
        var replaced = versions.FirstOrDefault(v =>
            history.Any(h => h.Text.Path == v.Text.Path && h.Version > v.Version)
        );
        return replaced is null
            ? null
            : new(
                "policy.approve.replaced",
                $"{Said(replaced)} has a later version: approve that."
            );
    }

    static string Said(PolicyVersion version) =>
        $"Version {version.Version} of {version.Text.Path}";
}
