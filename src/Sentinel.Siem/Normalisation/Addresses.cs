using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Sentinel.Siem.Normalisation;

/// <summary>Addresses in one form: four decimal parts or IPv6, mapped IPv4 as IPv4, no zone.</summary>
public static class Addresses
{
    const int CharsMax = 45;

    /// <summary>Strict, unlike the framework, which takes <c>1.2</c> and <c>17</c> for addresses.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        if (text.Length is < 2 or > CharsMax)
            return false;
        if (!text.Contains(':'))
            return TryParseVersion4(text, out address);
        if (text.IndexOfAnyExcept("0123456789abcdefABCDEF:.") >= 0)
            return false;
        if (!IPAddress.TryParse(text, out var parsed))
            return false;
        address = Canonical(parsed);
        return true;
    }

    public static IPAddress Canonical(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4()
        : address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0
            ? new IPAddress(address.GetAddressBytes())
        : address;

    static bool TryParseVersion4(
        ReadOnlySpan<char> text,
        [NotNullWhen(true)] out IPAddress? address
    )
    {
        address = null;
        Span<byte> parts = stackalloc byte[4];
        var (part, value, digits) = (0, 0, 0);
        foreach (var c in text)
        {
            if (c == '.')
            {
                if (digits == 0 || part == 3)
                    return false;
                parts[part++] = (byte)value;
                (value, digits) = (0, 0);
                continue;
            }
            if (!char.IsAsciiDigit(c) || ++digits > 3)
                return false;
            value = value * 10 + (c - '0');
            if (value > 255)
                return false;
        }
        if (part != 3 || digits == 0)
            return false;
        parts[3] = (byte)value;
        address = new IPAddress(parts);
        return true;
    }
}
