using System.Security.Cryptography;
using System.Text;

namespace Sentinel.Policies.Model;

/// <summary>One file of policy: its exact text is the truth, its SHA-256 is its name.</summary>
public sealed record PolicyText(string Path, string Text)
{
    /// <summary>Cannot be changed by 'with': the hash would stay behind.</summary>
    public string Text { get; } = Text;

    /// <summary>Over the exact UTF-8 bytes: 64 hexadecimal digits, lower case.</summary>
    public string Sha256 { get; } =
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text)));
}
