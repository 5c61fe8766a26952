using Sentinel.Policies.Model;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;

namespace Sentinel.Policies.Store;

/// <param name="Reason">Why these texts.</param>
/// <param name="IsWhole">Whether they are the whole repository: what is active and not among them goes.</param>
public sealed record Publication(
    IReadOnlyList<PolicyText> Files,
    string? Reason,
    bool IsWhole = false
)
{
    /// <summary>Who runs the tests, where files that they name lie with the publisher; null for the host.</summary>
    public IPolicyTests? Tests { get; init; }
}

public abstract record PublishPoliciesOutcome
{
    /// <param name="Versions">New; each waits for the approval of a second person.</param>
    /// <param name="Unchanged">Paths whose latest version has this text already.</param>
    public sealed record Published(
        IReadOnlyList<PolicyVersion> Versions,
        IReadOnlyList<string> Unchanged
    ) : PublishPoliciesOutcome
    {
        /// <summary>Of the new versions, the paths that had none before.</summary>
        public IReadOnlyList<string> Added { get; init; } = [];

        public IReadOnlyList<string> Changed { get; init; } = [];

        /// <summary>Of the new versions, those that are empty: approved, they take the policy out of use.</summary>
        public IReadOnlyList<string> Withdrawn { get; init; } = [];
    }

    public sealed record Rejected(IReadOnlyList<Diagnostic> Diagnostics) : PublishPoliciesOutcome;

    public sealed record Refused(string Rule, string Reason) : PublishPoliciesOutcome;
}

/// <summary>
/// A person publishes files: a new immutable version for each that changed, and a record of its tests,
/// which have to be green. They do nothing until somebody else approves them. An empty file takes a
/// policy out of use.
/// </summary>
public sealed class PublishPolicies(
    SentinelDatabase database,
    IPolicyTests tests,
    TimeProvider clock
)
{
    // Shipped policies stand below this folder, also when it is the one that is published.
    const string ShippedFolder = "policies/";

    public Task<PublishPoliciesOutcome> RunAsync(
        Secret secret,
        Publication publication,
        CancellationToken cancellation
    ) =>
        PolicyAttemptStore.RunAsync<PublishPoliciesOutcome>(
            database.Psa,
            secret,
            "policy.publish",
            work => InAsync(work, publication, cancellation),
            outcome => outcome is PublishPoliciesOutcome.Published,
            (rule, reason) => new PublishPoliciesOutcome.Refused(rule, reason),
            cancellation
        );

    internal async Task<PublishPoliciesOutcome> InAsync(
        PresentedTransaction work,
        Publication publication,
        CancellationToken cancellation
    )
    {
        var history = await PolicyStore.HistoryAsync(
            work.Connection,
            work.Actor.OrganisationId,
            null,
            cancellation
        );
        var files = Files(publication, history);
        var active = history.Where(v => v.Active).Select(v => v.Text).ToList();
        var loaded = PolicySet.Load(files, active);
        if (loaded is not PolicyLoad.Loaded { Policy: var policy })
            return new PublishPoliciesOutcome.Rejected(((PolicyLoad.Rejected)loaded).Diagnostics);
        var latest = history.GroupBy(v => v.Text.Path).ToDictionary(g => g.Key, g => g.First());
        var changed = files
            .Where(f => latest.GetValueOrDefault(f.Path)?.Text.Sha256 != f.Sha256)
            .ToList();
        var set = PolicySet.HashOf(files, active);
        var versions = new List<PolicyVersion>();
        foreach (var file in changed)
        {
            var count = (publication.Tests ?? tests).Run(policy, file);
            if (!count.IsGreen)
                return Red(file, count);
            var version = NewVersion(work, file, latest.GetValueOrDefault(file.Path), publication);
            await PolicyStore.InsertVersionAsync(
                work.Connection,
                work.Actor.OrganisationId,
                version,
                PolicyLogic.Write(policy, file),
                cancellation
            );
            await PolicyStore.InsertTestRunAsync(work, version, set, count, cancellation);
            versions.Add(version);
        }
        return new PublishPoliciesOutcome.Published(
            versions,
            [.. files.Except(changed).Select(f => f.Path)]
        )
        {
            Added = [.. changed.Where(f => !latest.ContainsKey(f.Path)).Select(f => f.Path)],
            Withdrawn = [.. changed.Where(IsEmpty).Select(f => f.Path)],
            Changed =
            [
                .. changed
                    .Where(f => latest.ContainsKey(f.Path) && !IsEmpty(f))
                    .Select(f => f.Path),
            ],
        };
    }

    PolicyVersion NewVersion(
        PresentedTransaction work,
        PolicyText file,
        PolicyVersion? before,
        Publication publication
    )
    {
        var now = clock.GetUtcNow();
        return new PolicyVersion(
            Guid.CreateVersion7(now),
            file,
            1 + (before?.Version ?? 0),
            work.Actor.Id,
            now,
            Approved: false,
            Active: false
        )
        {
            Reason = publication.Reason,
        };
    }

    internal static PublishPoliciesOutcome.Refused Red(PolicyText file, PolicyTestCount count) =>
        new("policy.tests", WhyRed(file, count));

    internal static string WhyRed(PolicyText file, PolicyTestCount count) =>
        count.FirstFailure is { } failure
            ? $"only policies with green tests are published, and {failure}"
            : $"{file.Path}: {string.Join(", ", count.RulesUntested)} has no test, and only rules with "
                + "green tests become active: write one";

    static bool IsEmpty(PolicyText file) => string.IsNullOrWhiteSpace(file.Text);

    static List<PolicyText> Files(Publication publication, IReadOnlyList<PolicyVersion> history)
    {
        var known = history.Select(v => v.Text.Path).ToHashSet();
        var given = publication
            .Files.Select(file =>
                !known.Contains(file.Path) && known.Contains(ShippedFolder + file.Path)
                    ? new PolicyText(ShippedFolder + file.Path, file.Text)
                    : file
            )
            .ToDictionary(file => file.Path);
        if (publication.IsWhole)
            foreach (var gone in history.Where(v => v.Active && !IsEmpty(v.Text)))
                given.TryAdd(gone.Text.Path, new PolicyText(gone.Text.Path, ""));
        return [.. given.Values.OrderBy(file => file.Path, StringComparer.Ordinal)];
    }
}
