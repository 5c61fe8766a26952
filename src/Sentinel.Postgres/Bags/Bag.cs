using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace Sentinel.Postgres.Bags;

/// <summary>What a bag says about itself.</summary>
/// <param name="Date">Of what is in it, never of the packing: the same content gives the same bytes.</param>
public sealed record BagLabel(string SourceOrganisation, string Identifier, DateTimeOffset Date);

/// <summary>
/// A BagIt bag (RFC 8493) in a zip, the same to the byte for the same content; unzip and
/// <c>sha256sum -c manifest-sha256.txt</c> are enough to check it by hand.
/// </summary>
public sealed record Bag(IReadOnlyDictionary<string, byte[]> Files, string Sha256)
{
    const string PayloadManifest = "manifest-sha256.txt";
    const string TagManifest = "tagmanifest-sha256.txt";

    /// <param name="payload">By its path, which begins with <c>data/</c>.</param>
    /// <param name="tags">Further files beside the payload, such as how to check it.</param>
    public static byte[] Pack(
        IReadOnlyDictionary<string, byte[]> payload,
        BagLabel label,
        IReadOnlyDictionary<string, byte[]>? tags = null
    )
    {
        var oxum = string.Create(
            CultureInfo.InvariantCulture,
            $"{payload.Values.Sum(content => (long)content.Length)}.{payload.Count}"
        );
        var date = label.Date.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal)
        {
            ["bagit.txt"] = Lines(["BagIt-Version: 1.0", "Tag-File-Character-Encoding: UTF-8"]),
            ["bag-info.txt"] = Lines([
                $"Source-Organization: {label.SourceOrganisation}",
                $"External-Identifier: {label.Identifier}",
                $"Bagging-Date: {date}",
                $"Payload-Oxum: {oxum}",
                "Bag-Software-Agent: Sentinel",
            ]),
            [PayloadManifest] = Manifest(payload),
        };
        foreach (var (name, content) in tags ?? new Dictionary<string, byte[]>())
            files.Add(name, content);
        files[TagManifest] = Manifest(files);
        foreach (var (name, content) in payload)
            files.Add(name, content);
        return StoredZip.Write(files, label.Date);
    }

    /// <summary>Opens a bag and holds it against its manifests.</summary>
    /// <param name="problem">What is not as it was packed, by name, as one clause; null where all is.</param>
    /// <returns>The bag, or null where there is a problem.</returns>
    public static Bag? Open(Stream zip, out string? problem)
    {
        using var copy = new MemoryStream();
        zip.CopyTo(copy);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(copy.ToArray()));
        try
        {
            copy.Position = 0;
            using var archive = new ZipArchive(copy, ZipArchiveMode.Read);
            var files = archive
                .Entries.Where(entry => !entry.FullName.EndsWith('/'))
                .ToDictionary(entry => entry.FullName, ContentOf, StringComparer.Ordinal);
            problem = Problem(files);
            return problem is null ? new Bag(files, sha256) : null;
        }
        catch (Exception unreadable)
            when (unreadable is InvalidDataException or ArgumentException or EndOfStreamException)
        {
            problem = $"not a readable zip: {unreadable.Message}";
            return null;
        }
    }

    static string? Problem(Dictionary<string, byte[]> files)
    {
        foreach (var required in new[] { "bagit.txt", PayloadManifest, TagManifest })
            if (!files.ContainsKey(required))
                return $"{required} is missing";
        var payload = Listed(files[PayloadManifest]);
        var tags = Listed(files[TagManifest]);
        // Payload first: the name of what changed says more than the manifest that no longer fits.
        foreach (var (name, hash) in payload.Concat(tags))
        {
            if (!files.TryGetValue(name, out var content))
                return $"{name} is missing";
            if (Convert.ToHexStringLower(SHA256.HashData(content)) != hash)
                return $"{name} is not what was sealed: its SHA-256 differs from the manifest";
        }
        var listed = payload.Concat(tags).Select(line => line.Name).ToHashSet();
        var stranger = files.Keys.FirstOrDefault(name =>
            name != TagManifest && !listed.Contains(name)
        );
        return stranger is null ? null : $"{stranger} is in the package but in no manifest";
    }

    static byte[] Manifest(IReadOnlyDictionary<string, byte[]> files) =>
        Lines(
            files
                .OrderBy(file => file.Key, StringComparer.Ordinal)
                .Select(file =>
                    $"{Convert.ToHexStringLower(SHA256.HashData(file.Value))}  {file.Key}"
                )
        );

    static List<(string Name, string Hash)> Listed(byte[] manifest) =>
        [
            .. Encoding
                .UTF8.GetString(manifest)
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split("  ", 2))
                .Select(parts => parts.Length == 2 ? (parts[1], parts[0]) : (parts[0], "")),
        ];

    static byte[] Lines(IEnumerable<string> lines) =>
        Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));

    static byte[] ContentOf(ZipArchiveEntry entry)
    {
        using var content = new MemoryStream();
        using var stream = entry.Open();
        stream.CopyTo(content);
        return content.ToArray();
    }
}
