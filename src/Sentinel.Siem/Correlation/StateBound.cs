using Sentinel.Policies.Model;

namespace Sentinel.Siem.Correlation;

/// <summary>
/// The most that a rule can remember. Beyond so many keys or events the engine forgets the oldest, counts
/// what it forgot, and says so with a finding.
/// </summary>
/// <param name="EventsPerKey">0 where only the key is remembered.</param>
/// <param name="BytesPerEvent">With values of <see cref="ValueBytes"/> each.</param>
public sealed record StateBound(int Keys, long EventsPerKey, long BytesPerEvent, long BytesPerKey)
{
    /// <summary>What a held value is taken to be; equal texts are held once.</summary>
    public const int ValueBytes = 64;

    // Measured on 64 bits: an event's place and origin, an entry of the table of keys, a moment.
    const int EventBytes = 176;
    const int KeyBytes = 160;
    const int OnceBytes = 72;

    public long Bytes => Keys * (BytesPerKey + EventsPerKey * BytesPerEvent);

    public static StateBound Of(
        RuleDeclaration rule,
        FieldTable fields,
        CorrelatorLimits? limits = null
    )
    {
        limits ??= new CorrelatorLimits();
        var pattern = rule.Pattern;
        var counted = pattern switch
        {
            Pattern.Single => 0,
            Pattern.Sequence sequence => sequence
                .Steps.Where(s => s is { Absent: false, AtLeast: > 1 })
                .Select(s => s.Selector.Name)
                .Distinct()
                .Count(),
            _ => pattern.Selectors.DistinctBy(s => s.Name).Count(),
        };
        // A sequence remembers two completions of each step, to measure the next from.
        var completions = pattern is Pattern.Sequence { Steps.Count: var steps } ? 2L * steps : 0;
        var key = KeyBytes + ValueBytes * pattern.KeyNames.Count;
        var remembers = counted + completions > 0 || rule.Once is not null;
        return new StateBound(
            remembers ? limits.KeysMax : 0,
            counted * (long)limits.EventsPerKeyMax + completions,
            EventBytes + ValueBytes * new RuleMatcher(rule, 0, fields).SlotsCount,
            key + (rule.Once is null ? 0 : OnceBytes + ValueBytes * rule.Once.Per.Count)
        );
    }
}
