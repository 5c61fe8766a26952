using Sentinel.Policies.Model;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;

namespace Sentinel.Policies.Store;

public abstract record PublishPoliciesOutcome
{
    /// <param name="Versions">New; each waits for the approval of a second person.</param>
    /// <param name="Unchanged">Paths whose latest version has this text already.</param>
    public sealed record Published(
        IReadOnlyList<PolicyVersion> Versions,
        IReadOnlyList<string> Unchanged
    ) : PublishPoliciesOutcome;

    public sealed record Rejected(IReadOnlyList<Diagnostic> Diagnostics) : PublishPoliciesOutcome;

    public sealed record Refused(string Rule, string Reason) : PublishPoliciesOutcome;
}

/// <summary>
/// A person publishes files: a new immutable version for each that changed. They do nothing until
/// somebody else approves them. An empty file takes a policy out of use.
/// </summary>
public sealed class PublishPolicies(SentinelDatabase database, TimeProvider clock)
{
    public Task<PublishPoliciesOutcome> RunAsync(
        Secret secret,
        IReadOnlyList<PolicyText> files,
        CancellationToken cancellation
    ) =>
        PolicyAttemptStore.RunAsync<PublishPoliciesOutcome>(
            database.Psa,
            secret,
            "policy.publish",
            work => InAsync(work, files, cancellation),
            outcome => outcome is PublishPoliciesOutcome.Published,
            (rule, reason) => new PublishPoliciesOutcome.Refused(rule, reason),
            cancellation
        );

    async Task<PublishPoliciesOutcome> InAsync(
        PresentedTransaction work,
        IReadOnlyList<PolicyText> files,
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
        var loaded = PolicySet.Load(files, history.Where(v => v.Active).Select(v => v.Text));
        if (loaded is not PolicyLoad.Loaded { Policy: var policy })
            return new PublishPoliciesOutcome.Rejected(((PolicyLoad.Rejected)loaded).Diagnostics);
        var latest = history.GroupBy(v => v.Text.Path).ToDictionary(g => g.Key, g => g.First());
        var versions = new List<PolicyVersion>();
        var unchanged = new List<string>();
        foreach (var file in files.OrderBy(f => f.Path, StringComparer.Ordinal))
        {
            var before = latest.GetValueOrDefault(file.Path);
            if (before?.Text.Sha256 == file.Sha256)
            {
                unchanged.Add(file.Path);
                continue;
            }
            var now = clock.GetUtcNow();
            var version = new PolicyVersion(
                Guid.CreateVersion7(now),
                file,
                1 + (before?.Version ?? 0),
                work.Actor.Id,
                now,
                Approved: false,
                Active: false
            );
            var logic = PolicyLogic.Write(policy, file);
            await PolicyStore.InsertVersionAsync(
                work.Connection,
                organisation,
                version,
                logic,
                cancellation
            );
            versions.Add(version);
        }
        return new PublishPoliciesOutcome.Published(versions, unchanged);
    }
}
