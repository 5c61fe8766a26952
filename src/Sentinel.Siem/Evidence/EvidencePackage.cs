using System.Security.Cryptography;
using System.Text;
using Sentinel.Postgres.Bags;
using Sentinel.Siem.Enrichment;
using Sentinel.Siem.Findings;
using Sentinel.Siem.Ingestion;

namespace Sentinel.Siem.Evidence;

/// <summary>Everything that a package holds, wherever it came from: the rows, or a replay.</summary>
/// <param name="HitJson">Canonical.</param>
/// <param name="RuleText">The exact text of the rule's file.</param>
public sealed record PackageContents(
    Finding Finding,
    string HitJson,
    string RuleText,
    IReadOnlyList<StoredRawEvent> Raw,
    IReadOnlyList<EventRow> Events
);

/// <summary>
/// A finding with its proof as a BagIt bag (RFC 8493) in a zip. The same finding gives the same bytes;
/// unzip and <c>sha256sum -c manifest-sha256.txt</c> are enough to check it by hand.
/// </summary>
public static class EvidencePackage
{
    public static byte[] Build(PackageContents contents)
    {
        var payload = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        AddRaw(payload, contents.Raw);
        payload["data/events.jsonl"] = Lines(Ordered(contents.Events).Select(PackageJson.Event));
        payload["data/enrichment.jsonl"] = Lines(
            Ordered(contents.Events).SelectMany(PackageJson.Enrichment)
        );
        payload["data/finding.json"] = Lines([PackageJson.Finding(contents.Finding)]);
        payload["data/provenance.json"] = Lines([PackageJson.Provenance(contents)]);
        payload["data/hit.json"] = Lines([contents.HitJson]);
        payload["data/rule.sentinel"] = Encoding.UTF8.GetBytes(contents.RuleText);
        var finding = contents.Finding;
        return Bag.Pack(
            payload,
            new BagLabel(
                finding.OrganisationId.ToString(),
                finding.Id.ToString(),
                finding.CreatedAt
            )
        );
    }

    public static string Sha256(byte[] package) =>
        Convert.ToHexStringLower(SHA256.HashData(package));

    /// <summary>The lines of each source as they were received, and where each of them stands.</summary>
    static void AddRaw(SortedDictionary<string, byte[]> payload, IReadOnlyList<StoredRawEvent> raw)
    {
        var index = new List<string>();
        foreach (var source in raw.GroupBy(row => row.Raw.SourceId).OrderBy(group => group.Key))
        {
            var name = $"data/raw/{source.Key}.log";
            using var log = new MemoryStream();
            foreach (
                var row in source
                    .OrderBy(row => row.KeyTime)
                    .ThenBy(row => row.Raw.Index)
                    .ThenBy(row => row.Id)
            )
            {
                index.Add(PackageJson.Place(row, name, log.Position));
                log.Write(row.Raw.PayloadBytes.Span);
                log.WriteByte((byte)'\n');
            }
            payload[name] = log.ToArray();
        }
        payload["data/raw/index.jsonl"] = Lines(index);
    }

    static IOrderedEnumerable<EventRow> Ordered(IReadOnlyList<EventRow> events) =>
        events.OrderBy(row => row.EventTime).ThenBy(row => row.Id);

    static byte[] Lines(IEnumerable<string> lines)
    {
        var text = new StringBuilder();
        foreach (var line in lines)
            text.Append(line).Append('\n');
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
