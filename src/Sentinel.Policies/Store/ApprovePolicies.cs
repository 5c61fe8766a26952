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
/// under any identity, cannot; that is decided in the database.
/// </summary>
public sealed class ApprovePolicies(SentinelDatabase database, TimeProvider clock)
{
    public Task<ApprovePoliciesOutcome> RunAsync(
        Secret secret,
        IReadOnlyList<Guid> versionIds,
        CancellationToken cancellation
    ) =>
        PolicyAttemptStore.RunAsync<ApprovePoliciesOutcome>(
            database.Psa,
            secret,
            "policy.approve",
            work => InAsync(work, versionIds, cancellation),
            outcome => outcome is ApprovePoliciesOutcome.Approved,
            (rule, reason) => new ApprovePoliciesOutcome.Refused(rule, reason),
            cancellation
        );

    async Task<ApprovePoliciesOutcome> InAsync(
        PresentedTransaction work,
        IReadOnlyList<Guid> versionIds,
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
        var loaded = PolicySet.Load(
            versions.Select(v => v.Text),
            history.Where(v => v.Active).Select(v => v.Text)
        );
        if (loaded is PolicyLoad.Rejected rejected)
            return new ApprovePoliciesOutcome.Rejected(rejected.Diagnostics);
        var now = clock.GetUtcNow();
        foreach (var version in versions)
        {
            var (connection, actor) = (work.Connection, work.Actor.Id);
            await PolicyStore.InsertApprovalAsync(
                connection,
                organisation,
                version.Id,
                actor,
                now,
                cancellation
            );
            await PolicyStore.InsertActivationAsync(
                connection,
                organisation,
                version.Id,
                actor,
                now,
                cancellation
            );
        }
        return new ApprovePoliciesOutcome.Approved([
            .. versions.Select(v => v with { Approved = true, Active = true }),
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
