using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sentinel.Postgres.Access;

namespace Sentinel.Psa.Outbound;

/// <summary>
/// Both ways alike: HMAC-SHA256 (RFC 2104) under the connector's secret over the time in seconds, a full
/// stop and the body as it is sent. So neither a body nor an answer can be made up, changed or kept for later.
/// </summary>
public static class ConnectorSignature
{
    public const string TimeHeader = "Sentinel-Time";
    public const string SignatureHeader = "Sentinel-Signature";
    const string Version = "v1=";

    /// <summary>How far the clocks of both sides may lie apart.</summary>
    public static TimeSpan DriftMax { get; } = TimeSpan.FromMinutes(5);

    /// <summary>What the connector is told once, and derived again whenever it is needed.</summary>
    public static Secret SecretOf(MachineSecrets machines, Guid organisationId, string connector) =>
        machines.For(organisationId, $"connector/{connector}");

    public static string Sign(Secret secret, DateTimeOffset at, ReadOnlySpan<byte> body) =>
        Version + Convert.ToHexStringLower(Mac(secret, Seconds(at), body));

    /// <summary>False also where the time is not one, or too far from ours.</summary>
    public static bool Holds(
        Secret secret,
        string time,
        string signature,
        ReadOnlySpan<byte> body,
        DateTimeOffset now
    )
    {
        if (
            !long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || Math.Abs(now.ToUnixTimeSeconds() - seconds) > DriftMax.TotalSeconds
        )
            return false;
        var expected = Version + Convert.ToHexStringLower(Mac(secret, time, body));
        return CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(expected),
            Encoding.UTF8.GetBytes(signature)
        );
    }

    public static string Seconds(DateTimeOffset at) =>
        at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    static byte[] Mac(Secret secret, string time, ReadOnlySpan<byte> body)
    {
        using var mac = IncrementalHash.CreateHMAC(
            HashAlgorithmName.SHA256,
            Encoding.UTF8.GetBytes(secret.Value)
        );
        mac.AppendData(Encoding.UTF8.GetBytes(time + "."));
        mac.AppendData(body);
        return mac.GetHashAndReset();
    }
}
