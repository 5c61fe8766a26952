using System.Net;

namespace Sentinel.Siem.Enrichment;

/// <summary>Address ranges that no database needs to place: RFC 6890 and its successors.</summary>
static class SpecialAddresses
{
    static readonly (IPNetwork Range, string Kind)[] Ranges =
    [
        Of("0.0.0.0/8", "this_network"),
        Of("10.0.0.0/8", "private"),
        Of("100.64.0.0/10", "shared"),
        Of("127.0.0.0/8", "loopback"),
        Of("169.254.0.0/16", "link_local"),
        Of("172.16.0.0/12", "private"),
        Of("192.0.2.0/24", "documentation"),
        Of("192.0.0.0/24", "protocol_assignment"),
        Of("192.88.99.0/24", "relay"),
        Of("192.168.0.0/16", "private"),
        Of("198.18.0.0/15", "benchmarking"),
        Of("198.51.100.0/24", "documentation"),
        Of("203.0.113.0/24", "documentation"),
        Of("224.0.0.0/4", "multicast"),
        Of("255.255.255.255/32", "broadcast"),
        Of("240.0.0.0/4", "reserved"),
        Of("::/128", "unspecified"),
        Of("::1/128", "loopback"),
        Of("64:ff9b::/96", "translation"),
        Of("64:ff9b:1::/48", "translation"),
        Of("100::/64", "discard"),
        Of("2001:db8::/32", "documentation"),
        Of("2001::/32", "tunnel"),
        Of("2001:2::/48", "benchmarking"),
        Of("2001::/23", "protocol_assignment"),
        Of("2002::/16", "tunnel"),
        Of("3fff::/20", "documentation"),
        Of("fc00::/7", "private"),
        Of("fe80::/10", "link_local"),
        Of("ff00::/8", "multicast"),
    ];

    /// <summary>The kind of range, or <c>global</c>.</summary>
    public static string KindOf(IPAddress address)
    {
        foreach (var (range, kind) in Ranges)
            if (range.Contains(address))
                return kind;
        return "global";
    }

    static (IPNetwork, string) Of(string range, string kind) => (IPNetwork.Parse(range), kind);
}
