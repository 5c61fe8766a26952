using Sentinel.Policies.Model;

namespace Sentinel.Siem.Retention;

/// <summary>When a day with records of some sources may go: after the longest of their times.</summary>
abstract record Due
{
    /// <param name="Retention">The one whose time is the longest.</param>
    public sealed record AgeReached(RetentionDeclaration Retention, TimeSpan Age) : Due;

    /// <param name="Declaration">What no retention covers.</param>
    public sealed record KeptForGood(string Declaration) : Due;

    /// <param name="declarations">Sources; an empty one for records that none of them read.</param>
    public static Due Of(
        IReadOnlyList<RetentionDeclaration> retentions,
        IReadOnlyList<string> declarations
    )
    {
        AgeReached? longest = null;
        foreach (var declaration in declarations)
        {
            var retention =
                retentions.FirstOrDefault(one => one.Sources.Contains(declaration))
                ?? retentions.FirstOrDefault(one => one.Sources.Count == 0);
            if (retention is null)
                return new KeptForGood(
                    declaration.Length == 0 ? "what no source reads" : declaration
                );
            var age = retention.Raw is { } raw && raw > retention.Events ? raw : retention.Events;
            if (longest is null || age > longest.Age)
                longest = new AgeReached(retention, age);
        }
        return longest
            ?? throw new ArgumentException("a day without records", nameof(declarations));
    }
}
