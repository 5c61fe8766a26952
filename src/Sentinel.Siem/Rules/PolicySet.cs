using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Sentinel.Contract;
using Sentinel.Policies;
using Sentinel.Policies.Model;

namespace Sentinel.Siem.Rules;

/// <summary>One published text, with the version under which it was approved.</summary>
public sealed record PublishedText(string Name, int Version, PolicyText Text);

/// <summary>
/// All policy that an organisation has active at one moment, compiled. Its hash names the set: every batch
/// carries it, so that a replay runs what ran.
/// </summary>
public sealed class PolicySet
{
    readonly Dictionary<string, PublishedText> bySha256;

    PolicySet(IReadOnlyList<PublishedText> texts, Policy policy)
    {
        Texts = texts;
        Policy = policy;
        Sha256 = HashOf(texts.Select(text => text.Text.Sha256));
        bySha256 = texts
            .DistinctBy(text => text.Text.Sha256)
            .ToDictionary(text => text.Text.Sha256);
    }

    public IReadOnlyList<PublishedText> Texts { get; }

    public Policy Policy { get; }

    /// <summary>Over the sorted hashes of its texts.</summary>
    public string Sha256 { get; }

    /// <exception cref="InvalidOperationException">
    /// A text was published that this program does not accept: nothing is published unchecked.
    /// </exception>
    public static PolicySet Compile(IEnumerable<PublishedText> texts)
    {
        var ordered = texts.OrderBy(text => text.Text.Path, StringComparer.Ordinal).ToList();
        var load = Policy.Load(ordered.Select(text => text.Text), EventFields.CreateTable());
        return load switch
        {
            PolicyLoad.Loaded loaded => new PolicySet(ordered, loaded.Policy),
            PolicyLoad.Rejected rejected => throw new InvalidOperationException(
                "The published policies do not compile: "
                    + string.Join("; ", rejected.Diagnostics.Take(3).Select(Describe))
            ),
            _ => throw new UnreachableException(),
        };
    }

    /// <summary>Name, version and hash of one declaration of this set.</summary>
    public PolicyReference Reference(string name, PolicyText text) =>
        new(name, bySha256[text.Sha256].Version, text.Sha256);

    public PublishedText Published(PolicyText text) => bySha256[text.Sha256];

    public static string HashOf(IEnumerable<string> sha256s) =>
        Convert.ToHexStringLower(
            SHA256.HashData(
                Encoding.ASCII.GetBytes(string.Join('\n', sha256s.Order(StringComparer.Ordinal)))
            )
        );

    static string Describe(Diagnostic problem) =>
        $"{problem.Path}:{problem.Line}:{problem.Column} {problem.Code} {problem.Message}";
}
