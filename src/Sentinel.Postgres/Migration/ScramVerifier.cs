using System.Security.Cryptography;
using System.Text;

namespace Sentinel.Postgres.Migration;

/// <summary>The SCRAM-SHA-256 verifier of a password, as PostgreSQL stores it.</summary>
static class ScramVerifier
{
    const int Iterations = 4096;
    const int SaltBytes = 16;
    const int PasswordBytes = 32;

    public static string NewPassword() =>
        Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(PasswordBytes));

    public static string For(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        var salted = Rfc2898DeriveBytes.Pbkdf2(
            Encoding.UTF8.GetBytes(password),
            salt,
            Iterations,
            HashAlgorithmName.SHA256,
            SHA256.HashSizeInBytes
        );
        var stored = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        var server = HMACSHA256.HashData(salted, "Server Key"u8);
        return $"SCRAM-SHA-256${Iterations}:{Convert.ToBase64String(salt)}"
            + $"${Convert.ToBase64String(stored)}:{Convert.ToBase64String(server)}";
    }
}
