using System.Net;
using System.Net.Sockets;

namespace Sentinel.Psa.Outbound;

/// <summary>
/// Whether an address is one of the public internet: what is not may be somebody's inside, which nobody who
/// registers a connector should reach through us (server-side request forgery). After the special-purpose
/// registries of IANA (RFC 6890).
/// </summary>
static class PublicAddress
{
    static readonly IPNetwork[] special =
    [
        .. new[]
        {
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/3",
            "::/127",
            "64:ff9b:1::/48",
            "100::/64",
            "2001::/23",
            "2001:db8::/32",
            "fc00::/7",
            "fe80::/10",
            "ff00::/8",
        }.Select(IPNetwork.Parse),
    ];

    public static bool Is(IPAddress address) => !special.Any(net => net.Contains(Plain(address)));

    // An IPv4 address inside an IPv6 one is looked at as what it leads to.
    static IPAddress Plain(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        var bytes = address.GetAddressBytes();
        // 6to4 (RFC 3056), NAT64 (RFC 6052) and the deprecated compatible form.
        return bytes is [0x20, 0x02, ..] ? new IPAddress(bytes.AsSpan(2, 4))
            : bytes is [0x00, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0, ..]
                ? new IPAddress(bytes.AsSpan(12))
            : bytes.AsSpan(0, 12).IndexOfAnyExcept((byte)0) < 0 && bytes[12] != 0
                ? new IPAddress(bytes.AsSpan(12))
            : address;
    }

    /// <summary>It is the address connected to that is looked at, so a name cannot change its meaning in between.</summary>
    /// <exception cref="PrivateAddressException">It is no address of the public internet.</exception>
    public static async ValueTask<Stream> ConnectAsync(
        DnsEndPoint to,
        bool allowPrivate,
        CancellationToken cancellation
    )
    {
        var addresses = await Dns.GetHostAddressesAsync(to.Host, cancellation);
        var allowed = allowPrivate ? addresses : Array.FindAll(addresses, Is);
        if (allowed.Length == 0)
            throw new PrivateAddressException(
                $"{to.Host} is no address of the public internet: register the connector with allow_private if it may be inside"
            );
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, to.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

sealed class PrivateAddressException(string message) : Exception(message);
