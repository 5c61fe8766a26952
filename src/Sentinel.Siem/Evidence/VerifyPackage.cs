using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sentinel.Postgres.Bags;

namespace Sentinel.Siem.Evidence;

/// <summary>Whether a package is what was sealed: offline, from the file alone.</summary>
public static class VerifyPackage
{
    const string RawIndex = "data/raw/index.jsonl";

    /// <param name="sealedSha256">The hash that was recorded outside, or null to check the bag alone.</param>
    public static PackageVerdict Run(Stream package, string? sealedSha256 = null)
    {
        if (Bag.Open(package, out var problem) is not { } bag)
            return new PackageVerdict.Different(problem!);
        problem = RawProblem(bag.Files);
        if (problem is null && sealedSha256 is not null && bag.Sha256 != sealedSha256)
            problem =
                $"the bag is whole, but its hash is {bag.Sha256} and {sealedSha256} was sealed: "
                + "the manifest was adapted to a changed content";
        return problem is null
            ? new PackageVerdict.Intact(bag.Sha256)
            : new PackageVerdict.Different(problem);
    }

    /// <summary>Each raw line against its own hash, so that a change is named by its event.</summary>
    static string? RawProblem(IReadOnlyDictionary<string, byte[]> files)
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

    static string? RawProblem(IReadOnlyDictionary<string, byte[]> files, JsonElement place)
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
}

public abstract record PackageVerdict
{
    public sealed record Intact(string Sha256) : PackageVerdict;

    /// <param name="Difference">What differs, by name, as one clause.</param>
    public sealed record Different(string Difference) : PackageVerdict;
}
