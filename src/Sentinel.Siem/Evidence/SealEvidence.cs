using Sentinel.Contract;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Siem.Enrichment;
using Sentinel.Siem.Findings;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Rules;

namespace Sentinel.Siem.Evidence;

/// <summary>
/// Gathers what proves a finding and seals it as a package: the file first, then its row in the caller's
/// transaction, so that a row never points to nothing.
/// </summary>
public sealed class SealEvidence(
    PolicySets policies,
    IRawEventStore rawEvents,
    DataDirectory data,
    TimeProvider clock
)
{
    internal async Task<SealedPackage> RunAsync(
        PresentedTransaction work,
        Finding finding,
        CancellationToken cancellation
    )
    {
        var package = EvidencePackage.Build(await GatherAsync(work, finding, cancellation));
        var sha256 = EvidencePackage.Sha256(package);
        var uri = PackageStore.WriteFile(data, sha256, package);
        var id = DerivedId.From(
            finding.CreatedAt,
            [.. finding.Id.ToByteArray(bigEndian: true), .. Convert.FromHexString(sha256)]
        );
        return await PackageStore.AddAsync(
            work,
            new SealedPackage(id, uri, sha256),
            finding.Id,
            package.Length,
            MicrosecondClock.Truncate(clock.GetUtcNow()),
            cancellation
        );
    }

    async Task<PackageContents> GatherAsync(
        PresentedTransaction work,
        Finding finding,
        CancellationToken cancellation
    )
    {
        var organisationId = work.Actor.OrganisationId;
        var keys = await FindingStore.EventsOfAsync(work, finding.Id, cancellation);
        var events = await EventStore
            .ReadAsync(work.Connection, organisationId, keys, cancellation)
            .ToListAsync(cancellation);
        var raw = await rawEvents
            .ReadAsync(
                work.Connection,
                organisationId,
                [.. events.Select(row => (row.RawEventId, row.KeyTime))],
                cancellation
            )
            .ToListAsync(cancellation);
        var hit = await HitStore.CanonicalAsync(work, finding.HitId, cancellation);
        var rule = await policies.TextAsync(
            work.Connection,
            organisationId,
            finding.PolicySha256,
            cancellation
        );
        return new PackageContents(finding, hit!, rule.Text, raw, events);
    }
}
