using System.Security.Cryptography;
using System.Text;
using Sentinel.Policies.Model;

namespace Sentinel.Policies.Store;

/// <summary>Texts that belong together: some given, the rest as it is published.</summary>
static class PolicySet
{
    /// <summary>
    /// The given texts in the place of those with the same path. Nothing is published that does not
    /// load together with all that stays.
    /// </summary>
    public static PolicyLoad Load(IEnumerable<PolicyText> given, IEnumerable<PolicyText> others) =>
        Policy.Load(Together(given, others), EventFields.CreateTable());

    /// <summary>One hash over all of them.</summary>
    public static string HashOf(IEnumerable<PolicyText> given, IEnumerable<PolicyText> others) =>
        HashOf(Together(given, others).SelectMany(text => new[] { text.Path, text.Sha256 }));

    static IEnumerable<PolicyText> Together(
        IEnumerable<PolicyText> given,
        IEnumerable<PolicyText> others
    )
    {
        var texts = given.ToDictionary(t => t.Path);
        foreach (var other in others)
            texts.TryAdd(other.Path, other);
        return texts.Values.OrderBy(t => t.Path, StringComparer.Ordinal);
    }

    /// <summary>One hash over many texts, each of which keeps its place.</summary>
    public static string HashOf(IEnumerable<string> texts) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', texts))));
}
