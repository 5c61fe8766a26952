using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary>
/// The members of open records that rules name. Nobody declares them, so a name that stands once and is
/// nearly one that others use is likely a slip: a warning, since it may also be right.
/// </summary>
sealed class MemberUses
{
    readonly Dictionary<string, (Reporter Reporter, Token First, int Uses)> members = [];

    public IEnumerable<string> Names => members.Keys;

    public void Use(Reporter reporter, Token name) =>
        members[name.Value] = members.TryGetValue(name.Value, out var known)
            ? known with
            {
                Uses = known.Uses + 1,
            }
            : (reporter, name, 1);

    /// <param name="ofSources">The members that sources name.</param>
    public void ReportSlips(IReadOnlySet<string> ofSources)
    {
        var trusted = members
            .Where(m => m.Value.Uses > 1)
            .Select(m => m.Key)
            .Concat(ofSources)
            .ToLookup(name => name.Length);
        foreach (var (name, (reporter, first, uses)) in members)
        {
            if (uses > 1 || ofSources.Contains(name) || name.Length < ShortestCharsCompared)
                continue;
            var near = Enumerable.Range(name.Length - 1, 3).SelectMany(length => trusted[length]);
            if (Suggestions.ByOneSlip(name, near) is { } suggestion)
                reporter.Warn(
                    Codes.LikelySlip,
                    first.Place,
                    $"{first} is named only here.",
                    $"Did you mean '{suggestion}'?"
                );
        }
    }

    /// <summary>Short names are near each other by chance.</summary>
    const int ShortestCharsCompared = 5;
}
