using System.Security.Cryptography;
using System.Text;
using Sentinel.Policies.Model;

namespace Sentinel.Policies.Compilation;

/// <summary>
/// The id of one exact version of a rule, the same live, replayed and on a command line: UUIDv8 with
/// no time and the SHA-256 of the text's hash and the rule's name.
/// </summary>
static class RuleId
{
    public static Guid Of(PolicyText text, string rule)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes($"rule\0{text.Sha256}\0{rule}"), hash);
        Span<byte> id = stackalloc byte[16];
        id.Clear();
        hash[..10].CopyTo(id[6..]);
        id[6] = (byte)(id[6] & 0x0F | 0x80);
        id[8] = (byte)(id[8] & 0x3F | 0x80);
        return new Guid(id, bigEndian: true);
    }
}
