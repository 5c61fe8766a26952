using System.Net;
using Sentinel.Policies.Model;

namespace Sentinel.Policies.Compilation;

/// <summary>Ranges by length of prefix, each until when it holds: one look-up for each length that occurs.</summary>
sealed class AddressRanges
{
    readonly Dictionary<AddressRange, DateTimeOffset> expiries = [];
    readonly (int AddressBytes, int Bits)[] lengths;

    public AddressRanges(IEnumerable<(AddressRange Range, DateTimeOffset Expiry)> entries)
    {
        foreach (var (range, expiry) in entries)
            if (!expiries.TryGetValue(range, out var known) || known < expiry)
                expiries[range] = expiry;
        lengths = [.. expiries.Keys.Select(r => (r.AddressBytes, r.PrefixBits)).Distinct()];
    }

    public bool Contain(IPAddress address, DateTimeOffset at)
    {
        var own = AddressRange.BytesOf(address);
        foreach (var (addressBytes, bits) in lengths)
            if (
                addressBytes == own
                && expiries.TryGetValue(AddressRange.Of(address, bits), out var expiry)
                && at < expiry
            )
                return true;
        return false;
    }
}
