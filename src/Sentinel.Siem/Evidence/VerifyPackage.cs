using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Sentinel.Siem.Evidence;

/// <summary>Whether a package is what was sealed: offline, from the file alone.</summary>
public static class VerifyPackage
{
    const string PayloadManifest = "manifest-sha256.txt";
    const string TagManifest = "tagmanifest-sha256.txt";
    const string RawIndex = "data/raw/index.jsonl";

    /// <param name="sealedSha256">The hash that was recorded outside, or null to check the bag alone.</param>
    public static PackageVerdict Run(Stream package, string? sealedSha256 = null)
    {
        using var copy = new MemoryStream();
        package.CopyTo(copy);
        var hash = EvidencePackage.Sha256(copy.ToArray());
        try
        {
            copy.Position = 0;
            using var zip = new ZipArchive(copy, ZipArchiveMode.Read);
            var files = zip
                .Entries.Where(entry => !entry.FullName.EndsWith('/'))
                .ToDictionary(entry => entry.FullName, ContentOf, StringComparer.Ordinal);
            var problem = BagProblem(files) ?? RawProblem(files);
            if (problem is null && sealedSha256 is not null && hash != sealedSha256)
                problem =
                    $"the bag is whole, but its hash is {hash} and {sealedSha256} was sealed: "
                    + "the manifest was adapted to a changed content";
            return problem is null
                ? new PackageVerdict.Intact(hash)
                : new PackageVerdict.Different(problem);
        }
        catch (Exception unreadable)
            when (unreadable is InvalidDataException or ArgumentException or EndOfStreamException)
        {
            return new PackageVerdict.Different($"not a readable zip: {unreadable.Message}");
        }
    }

    static string? BagProblem(Dictionary<string, byte[]> files)
    {
        foreach (var required in new[] { "bagit.txt", PayloadManifest, TagManifest })
            if (!files.ContainsKey(required))
                return $"{required} is missing";
        var payload = Manifest(files[PayloadManifest]);
        var tags = Manifest(files[TagManifest]);
        // Payload first: the name of what changed says more than the manifest that no longer fits.
        foreach (var (name, hash) in payload.Concat(tags))
        {
            if (!files.TryGetValue(name, out var content))
                return $"{name} is missing";
            if (EvidencePackage.Sha256(content) != hash)
                return $"{name} is not what was sealed: its SHA-256 differs from the manifest";
        }
        var listed = payload.Concat(tags).Select(line => line.Name).ToHashSet();
        var stranger = files.Keys.FirstOrDefault(name =>
            name != TagManifest && !listed.Contains(name)
        );
        return stranger is null ? null : $"{stranger} is in the package but in no manifest";
    }

    /// <summary>Each raw line against its own hash, so that a change is named by its event.</summary>
    static string? RawProblem(Dictionary<string, byte[]> files)
    {
        if (!files.TryGetValue(RawIndex, out var index))
            return $"{RawIndex} is missing";
        foreach (var line in Encoding.UTF8.GetString(index).Split('\n'))
        {
            if (line.Length == 0)
                continue;
            try
            {
                using var place = JsonDocument.Parse(line);
                if (RawProblem(files, place.RootElement) is { } problem)
                    return problem;
            }
            catch (Exception unreadable)
                when (unreadable
                        is JsonException
                            or KeyNotFoundException
                            or InvalidOperationException
                            or FormatException
                )
            {
                return $"{RawIndex} has a line that cannot be read";
            }
        }
        return null;
    }

    static string? RawProblem(Dictionary<string, byte[]> files, JsonElement place)
    {
        var id = place.GetProperty("id").GetString();
        var offset = place.GetProperty("offset").GetInt64();
        var length = place.GetProperty("length").GetInt64();
        if (
            !files.TryGetValue(place.GetProperty("file").GetString()!, out var log)
            || offset < 0
            || length < 0
            || offset > log.Length - length
        )
            return $"raw event {id} is missing";
        var hash = Convert.ToHexStringLower(SHA256.HashData(log.AsSpan((int)offset, (int)length)));
        return hash == place.GetProperty("payload_sha256").GetString()
            ? null
            : $"raw event {id} is not what was received";
    }

    static List<(string Name, string Hash)> Manifest(byte[] content) =>
        [
            .. Encoding
                .UTF8.GetString(content)
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split("  ", 2))
                .Select(parts => parts.Length == 2 ? (parts[1], parts[0]) : (parts[0], "")),
        ];

    static byte[] ContentOf(ZipArchiveEntry entry)
    {
        using var content = new MemoryStream();
        using var stream = entry.Open();
        stream.CopyTo(content);
        return content.ToArray();
    }
}

public abstract record PackageVerdict
{
    public sealed record Intact(string Sha256) : PackageVerdict;

    /// <param name="Difference">What differs, by name, as one clause.</param>
    public sealed record Different(string Difference) : PackageVerdict;
}
