using System.Text;
using Sentinel.Policies.Model;

namespace Sentinel.Policies.Store;

/// <summary>The policies of the folder <c>policies</c>, as they were when the program was built.</summary>
public static class ShippedPolicies
{
    const string Prefix = "policies/";

    /// <summary>In the order of their paths, which begin with <c>policies/</c>.</summary>
    public static IReadOnlyList<PolicyText> Texts { get; } =
    [
        .. typeof(ShippedPolicies)
            .Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name => new PolicyText(name, Read(name))),
    ];

    static string Read(string name)
    {
        using var stream = typeof(ShippedPolicies).Assembly.GetManifestResourceStream(name)!;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return Encoding.UTF8.GetString(bytes.ToArray());
    }
}
