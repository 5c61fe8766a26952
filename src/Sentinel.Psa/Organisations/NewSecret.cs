using System.Security.Cryptography;
using Sentinel.Postgres.Access;

namespace Sentinel.Psa.Organisations;

/// <summary>256 bits of chance behind a prefix that says what leaked, if it ever does.</summary>
static class NewSecret
{
    const int SecretBytes = 32;

    public static Secret Person() => Make("sp_");

    public static Secret Machine() => Make("sm_");

    static Secret Make(string prefix) =>
        new(prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes)));
}
