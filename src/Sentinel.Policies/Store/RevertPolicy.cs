using Sentinel.Postgres;
using Sentinel.Postgres.Access;

namespace Sentinel.Policies.Store;

/// <summary>
/// A person brings an older text back: as a new version, which is tested and approved like any other.
/// Nothing that was published goes away.
/// </summary>
public sealed class RevertPolicy(SentinelDatabase database, PublishPolicies publish)
{
    /// <param name="to">A version; null for the last that was approved before the active one.</param>
    public Task<PublishPoliciesOutcome> RunAsync(
        Secret secret,
        string path,
        int? to,
        string? reason,
        CancellationToken cancellation
    ) =>
        PolicyAttemptStore.RunAsync<PublishPoliciesOutcome>(
            database.Psa,
            secret,
            "policy.publish",
            work => InAsync(work, path, to, reason, cancellation),
            outcome => outcome is PublishPoliciesOutcome.Published,
            (rule, why) => new PublishPoliciesOutcome.Refused(rule, why),
            cancellation
        );

    async Task<PublishPoliciesOutcome> InAsync(
        PresentedTransaction work,
        string path,
        int? to,
        string? reason,
        CancellationToken cancellation
    )
    {
        var versions = await PolicyStore.HistoryAsync(
            work.Connection,
            work.Actor.OrganisationId,
            path,
            cancellation
        );
        var active = versions.FirstOrDefault(v => v.Active);
        var wanted = to is { } number
            ? versions.FirstOrDefault(v => v.Version == number)
            : versions.FirstOrDefault(v => v.Approved && v.Version < active?.Version);
        if (wanted is null)
            return new PublishPoliciesOutcome.Refused(
                "policy.revert",
                versions.Count == 0 ? $"no version of {path} was ever published"
                    : to is null ? $"{path} has no approved version before the active one"
                    : $"{path} has the versions "
                        + string.Join(", ", versions.Select(v => v.Version).Order())
            );
        var publication = new Publication([wanted.Text], reason);
        return await publish.InAsync(work, publication, cancellation);
    }
}
