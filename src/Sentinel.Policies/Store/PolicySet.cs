using Sentinel.Policies.Model;

namespace Sentinel.Policies.Store;

/// <summary>Texts that belong together: some given, the rest as it is published.</summary>
static class PolicySet
{
    /// <summary>
    /// The given texts in the place of those with the same path. Nothing is published that does not
    /// load together with all that stays.
    /// </summary>
    public static PolicyLoad Load(IEnumerable<PolicyText> given, IEnumerable<PolicyText> others)
    {
        var texts = given.ToDictionary(t => t.Path);
        foreach (var other in others)
            texts.TryAdd(other.Path, other);
        return Policy.Load(
            texts.Values.OrderBy(t => t.Path, StringComparer.Ordinal),
            EventFields.CreateTable()
        );
    }
}
