using System.Security.Cryptography;
using System.Text;

namespace Sentinel.Postgres.Access;

/// <summary>
/// What Sentinel's own machines present. Each secret is an HMAC of organisation and name under one key
/// in <c>secrets/machines</c>, so that none is stored and whoever lacks the file has none of them.
/// </summary>
public sealed class MachineSecrets(DataDirectory dataDirectory)
{
    const int KeyBytes = 32;

    public Secret For(Guid organisationId, string machineName)
    {
        var key = dataDirectory.ReadOrMakeSecret(
            "machines",
            () => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(KeyBytes))
        );
        var subject = Encoding.UTF8.GetBytes($"{organisationId:D}/{machineName}");
        var mac = HMACSHA256.HashData(Convert.FromHexString(key), subject);
        return new Secret("sm_" + Convert.ToHexStringLower(mac));
    }

    /// <summary>What <c>psa.credentials.secret_sha256</c> holds for a secret.</summary>
    public static byte[] Sha256(Secret secret) =>
        SHA256.HashData(Encoding.UTF8.GetBytes(secret.Value));

    /// <summary>
    /// What an operator put into <c>secrets/connector-ORGANISATION-NAME</c>; null where there is nothing. It
    /// is the organisation's own, so that nobody else's connector is sent it.
    /// </summary>
    public string? Given(Guid organisationId, string connector) =>
        dataDirectory.ReadSecret($"connector-{organisationId:D}-{connector}");
}
