using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Siem.Evidence;
using Sentinel.Siem.Findings;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Rules;

namespace Sentinel.Siem.Replay;

public abstract record ReplayOutcome
{
    /// <param name="PackageSha256">Of the derived package, which is the sealed one's.</param>
    /// <param name="Packaged">Whether there was a sealed package to compare with.</param>
    public sealed record Reproduced(Guid FindingId, Guid HitId, string PackageSha256, bool Packaged)
        : ReplayOutcome;

    /// <param name="Differences">Each as one sentence.</param>
    public sealed record Different(IReadOnlyList<string> Differences) : ReplayOutcome;

    public sealed record NotFound : ReplayOutcome;

    public sealed record Refused(string Reason) : ReplayOutcome;
}

/// <summary>
/// Derives a finding again from the raw events and compares finding, hit and package byte for byte. The
/// deriving role cannot see what it should arrive at, or it would prove nothing.
/// </summary>
public sealed class ReplayFinding(
    SentinelDatabase database,
    PolicySets policies,
    IRawEventStore rawEvents
)
{
    /// <param name="progress">How many records were derived so far.</param>
    public async Task<ReplayOutcome> RunAsync(
        Secret secret,
        Guid findingId,
        IProgress<long>? progress,
        CancellationToken cancellation
    )
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database.Siem,
            secret,
            cancellation
        );
        if (await PermissionStore.RefusalAsync(work, "finding.read", cancellation) is { } refusal)
            return new ReplayOutcome.Refused(refusal);
        if (await FindingStore.FindAsync(work, findingId, cancellation) is not { } finding)
            return new ReplayOutcome.NotFound();
        var hit = await HitStore.CanonicalAsync(work, finding.HitId, cancellation);
        var packages = await PackageStore.OfFindingAsync(work, findingId, cancellation);

        await using var connection = await database.Replay.OpenConnectionAsync(cancellation);
        var derivation = new DeriveFinding(
            connection,
            work.Actor.OrganisationId,
            policies,
            rawEvents
        );
        var derived = await derivation.RunAsync(findingId, progress, cancellation);
        if (derived is null)
            return new ReplayOutcome.Different([$"The raw events give no finding {findingId}."]);
        var package = EvidencePackage.Sha256(EvidencePackage.Build(derived));
        List<string> differences =
        [
            .. Difference(
                "The finding",
                PackageJson.Finding(finding),
                PackageJson.Finding(derived.Finding)
            ),
            .. Difference("The hit", hit, derived.HitJson),
        ];
        // The first package is the one that was sealed when it escalated; follow-ups come later.
        if (packages.Count > 0)
            differences.AddRange(Difference("The package", packages[0].Sha256, package));
        return differences.Count > 0
            ? new ReplayOutcome.Different(differences)
            : new ReplayOutcome.Reproduced(findingId, finding.HitId, package, packages.Count > 0);
    }

    static IEnumerable<string> Difference(string what, string? stored, string derived)
    {
        if (!string.Equals(stored, derived, StringComparison.Ordinal))
            yield return $"{what} differs: {stored ?? "nothing"} is stored, {derived} derives.";
    }
}
