using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sentinel.Postgres.Ledger;

/// <summary>
/// DSSE envelopes around in-toto statements, signed with the ledger's key: attestations in a form that
/// other tools verify.
/// </summary>
public static class Dsse
{
    public const string InTotoType = "application/vnd.in-toto+json";

    /// <param name="what">Under which name the key signs.</param>
    /// <param name="payload">A statement as canonical JSON.</param>
    public static JsonObject Envelope(LedgerKey key, string what, string payload)
    {
        var bytes = Encoding.UTF8.GetBytes(payload);
        return new JsonObject
        {
            ["payloadType"] = InTotoType,
            ["payload"] = Convert.ToBase64String(bytes),
            ["signatures"] = new JsonArray(
                new JsonObject
                {
                    ["keyid"] = key.VerifierKeyFor(what).ToString(),
                    ["sig"] = Convert.ToBase64String(key.Sign(Signed(InTotoType, bytes))),
                }
            ),
        };
    }

    /// <summary>The payload, or null where that key did not sign the envelope.</summary>
    public static string? Open(VerifierKey key, JsonElement envelope)
    {
        try
        {
            var type = envelope.GetProperty("payloadType").GetString()!;
            var payload = envelope.GetProperty("payload").GetBytesFromBase64();
            var signed = Signed(type, payload);
            return envelope
                .GetProperty("signatures")
                .EnumerateArray()
                .Any(line => key.Signed(signed, line.GetProperty("sig").GetBytesFromBase64()))
                ? Encoding.UTF8.GetString(payload)
                : null;
        }
        catch (Exception wrong)
            when (wrong is KeyNotFoundException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    // The pre-authentication encoding: type and body with their lengths, so that neither reads as the other.
    static byte[] Signed(string type, byte[] payload) =>
        [
            .. Encoding.UTF8.GetBytes(
                $"DSSEv1 {Encoding.UTF8.GetByteCount(type)} {type} {payload.Length} "
            ),
            .. payload,
        ];
}
