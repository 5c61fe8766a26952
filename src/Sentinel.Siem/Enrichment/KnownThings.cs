using System.Net;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Siem.Enrichment;

/// <summary>Reference data as it stood when the batch was enriched.</summary>
public sealed record KnownThings(
    IReadOnlyList<KnownAsset> Assets,
    IReadOnlyList<KnownIdentity> Identities
)
{
    public static KnownThings None { get; } = new([], []);
}

/// <param name="Names">Host names and addresses by which events know it.</param>
/// <param name="Criticality">0 to 10.</param>
/// <param name="Provenance">Which table and version the row came from.</param>
public sealed record KnownAsset(
    Guid Id,
    string Name,
    IReadOnlyList<string> Names,
    int Criticality,
    string Provenance
);

/// <param name="Provenance">Which table and version the row came from.</param>
public sealed record KnownIdentity(Guid Id, string AccountName, string? Role, string Provenance);

/// <summary>Finds a thing by a name without regard to case, or by an address; the first that claims a name has it.</summary>
sealed class KnownNames<T>
    where T : class
{
    readonly Dictionary<string, T> byName = new(StringComparer.OrdinalIgnoreCase);
    readonly Dictionary<IPAddress, T> byAddress = [];

    public KnownNames(IEnumerable<T> things, Func<T, IEnumerable<string>> namesOf)
    {
        foreach (var thing in things)
        foreach (var name in namesOf(thing))
            if (Addresses.TryParse(name, out var address))
                byAddress.TryAdd(address, thing);
            else
                byName.TryAdd(name, thing);
    }

    public T? Find(object value) => byName.Count + byAddress.Count == 0 ? null : FindAmong(value);

    T? FindAmong(object value) =>
        value switch
        {
            IPAddress address => byAddress.GetValueOrDefault(address),
            string name when Addresses.TryParse(name, out var address) =>
                byAddress.GetValueOrDefault(address),
            string name => byName.GetValueOrDefault(name),
            _ => null,
        };
}
