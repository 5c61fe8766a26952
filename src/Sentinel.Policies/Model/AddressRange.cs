using System.Buffers.Binary;
using System.Globalization;
using System.Net;

namespace Sentinel.Policies.Model;

/// <summary>One range: <c>10.20.0.0/24</c>, or a single address.</summary>
/// <param name="AddressBytes">4 or 16: ranges of IPv4 and of IPv6 are never the same.</param>
public readonly record struct AddressRange(int AddressBytes, int PrefixBits, UInt128 Masked)
{
    /// <summary>Reads a range; null if it is none. Bits beyond the prefix are ignored.</summary>
    public static AddressRange? Parse(string text)
    {
        var slash = text.IndexOf('/');
        var host = slash < 0 ? text : text[..slash];
        // IPAddress also takes '1' and '0x7f.1'; a policy says what it means.
        if (host.Count(c => c == '.') is not (0 or 3) || !host.AsSpan().ContainsAny('.', ':'))
            return null;
        if (!IPAddress.TryParse(host, out var parsed) || host.Contains('%'))
            return null;
        var address = ValueText.Canonical(parsed);
        var bits = 8 * BytesOf(address);
        if (slash < 0)
            return Of(address, bits);
        var digits = text.AsSpan(slash + 1);
        if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var prefix))
            return null;
        return prefix <= bits ? Of(address, prefix) : null;
    }

    public static AddressRange Of(IPAddress address, int prefixBits)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        address.TryWriteBytes(bytes, out var written);
        var value = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        var mask = prefixBits == 0 ? UInt128.Zero : UInt128.MaxValue << (128 - prefixBits);
        return new AddressRange(written, prefixBits, value & mask);
    }

    public static int BytesOf(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var written);
        return written;
    }
}
