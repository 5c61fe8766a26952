using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Sentinel.Siem.Normalisation;

/// <summary>Addresses in one form: four decimal parts or IPv6, mapped IPv4 as IPv4, no zone.</summary>
static class Addresses
{
    public const int BytesMax = 45;

    static readonly SearchValues<byte> Symbols = SearchValues.Create("0123456789abcdefABCDEF:."u8);

    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        if (text.Length is < 2 or > BytesMax)
            return false;
        Span<byte> bytes = stackalloc byte[BytesMax];
        return System.Text.Ascii.FromUtf16(text, bytes, out var length) == OperationStatus.Done
            && TryParse(bytes[..length], out address);
    }

    /// <summary>Strict, unlike the framework, which takes <c>1.2</c> and <c>17</c> for addresses.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        if (text.Length is < 2 or > BytesMax)
            return false;
        if (!text.Contains((byte)':'))
        {
            Span<byte> parts = stackalloc byte[4];
            if (!IsVersion4(text, parts))
                return false;
            address = SharedTexts.Version4(parts);
            return true;
        }
        if (text.IndexOfAnyExcept(Symbols) >= 0 || !IPAddress.TryParse(text, out var parsed))
            return false;
        address = Canonical(parsed);
        return true;
    }

    /// <summary>How many bytes at the start could belong to an address.</summary>
    public static int LengthAtMost(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOfAnyExcept(Symbols);
        return Math.Min(end < 0 ? text.Length : end, BytesMax);
    }

    /// <summary>What <see cref="TryParse(ReadOnlySpan{byte}, out IPAddress?)"/> takes, without making it.</summary>
    public static bool IsAddress(ReadOnlySpan<byte> text)
    {
        if (text.Length is < 2 or > BytesMax)
            return false;
        Span<byte> parts = stackalloc byte[4];
        return text.Contains((byte)':') ? TryParse(text, out _) : IsVersion4(text, parts);
    }

    /// <summary>IPv4 as it is spelled in keys and messages: no part begins with a needless zero.</summary>
    public static bool IsCanonicalVersion4(ReadOnlySpan<byte> text)
    {
        Span<byte> parts = stackalloc byte[4];
        if (!IsVersion4(text, parts))
            return false;
        for (var i = 0; i < text.Length - 1; i++)
            if (text[i] == '0' && text[i + 1] != '.' && (i == 0 || text[i - 1] == '.'))
                return false;
        return true;
    }

    public static IPAddress Canonical(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4()
        : address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0
            ? new IPAddress(address.GetAddressBytes())
        : address;

    static bool IsVersion4(ReadOnlySpan<byte> text, Span<byte> parts)
    {
        var (part, value, digits) = (0, 0, 0);
        foreach (var b in text)
        {
            if (b == '.')
            {
                if (digits == 0 || part == 3)
                    return false;
                parts[part++] = (byte)value;
                (value, digits) = (0, 0);
                continue;
            }
            if (!char.IsAsciiDigit((char)b) || ++digits > 3)
                return false;
            value = value * 10 + (b - '0');
            if (value > 255)
                return false;
        }
        if (part != 3 || digits == 0)
            return false;
        parts[3] = (byte)value;
        return true;
    }
}
