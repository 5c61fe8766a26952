using System.Diagnostics;
using Sentinel.Policies.Model;

namespace Sentinel.Siem.Correlation;

/// <summary>
/// The most that a rule can remember. Beyond so many keys or events the engine forgets the oldest, counts
/// what it forgot, and says so with a finding.
/// </summary>
/// <param name="EventsPerKey">
/// As often as each is held: hopping windows hold one in every window that it is in. Of what is first or
/// rare, moments. 0 where only the key is remembered.
/// </param>
/// <param name="BytesPerEvent">With values of <see cref="ValueBytes"/> each.</param>
public sealed record StateBound(int Keys, long EventsPerKey, long BytesPerEvent, long BytesPerKey)
{
    /// <summary>What a held value is taken to be; equal texts are held once.</summary>
    public const int ValueBytes = 64;

    // Measured on 64 bits: an event's place and origin, an entry of the table of keys, a moment, a bucket.
    const int EventBytes = 176;
    const int KeyBytes = 160;
    const int OnceBytes = 72;
    const int MomentBytes = 24;
    const int BucketBytes = 32;

    public long Bytes => Keys * (BytesPerKey + EventsPerKey * BytesPerEvent);

    public static StateBound Of(
        RuleDeclaration rule,
        FieldTable fields,
        CorrelatorLimits? limits = null
    )
    {
        limits ??= new CorrelatorLimits();
        var pattern = rule.Pattern;
        var events = EventsOf(pattern, limits.EventsPerKeyMax);
        var remembers = events > 0 || pattern is Pattern.Novel || rule.Once is not null;
        var key = KeyBytes + ValueBytes * pattern.KeyNames.Count;
        return new StateBound(
            remembers ? limits.KeysMax : 0,
            events,
            pattern is Pattern.Novel
                ? MomentBytes
                : EventBytes + ValueBytes * new RuleMatcher(rule, 0, fields).SlotsCount,
            key
                + BesidesEvents(pattern)
                + (rule.Once is null ? 0 : OnceBytes + ValueBytes * rule.Once.Per.Count)
        );
    }

    static long EventsOf(Pattern pattern, long most) =>
        pattern switch
        {
            Pattern.Single => 0,
            Pattern.Aggregate { Window: var window } => most * OpenWindows(window),
            Pattern.AnyOrder any => most * Names(any.Selectors).Count(),
            Pattern.Sequence sequence => EventsOf(sequence, most),
            Pattern.Novel novel => novel.AtMost,
            Pattern.Unusual => most,
            _ => throw new UnreachableException(),
        };

    /// <summary>An event is in every window that has begun and is not over.</summary>
    static long OpenWindows(Window window) =>
        window is Window.Hopping hopping
            ? (hopping.Within.Ticks + hopping.Every.Ticks - 1) / hopping.Every.Ticks
            : 1;

    /// <summary>
    /// Events to count, and completions of each step that a later one is measured from: two, or where that
    /// one counts as many as events. Each holds the events of the steps before it. Of what must not come
    /// between, the two latest.
    /// </summary>
    static long EventsOf(Pattern.Sequence sequence, long most)
    {
        var steps = sequence.Steps;
        var counted = steps.Where(s => s is { Absent: false, AtLeast: > 1 });
        var held = most * Names(counted.Select(s => s.Selector)).Count();
        for (var step = 0; step < steps.Count - 1; step++)
        {
            var completions =
                steps[step + 1].Absent ? 1
                : steps[step + 1].AtLeast > 1 ? most
                : 2;
            held += completions * (step + 1);
        }
        return held + 2 * Names(steps.SelectMany(s => s.Without)).Count();
    }

    static IEnumerable<string> Names(IEnumerable<EventSelector> selectors) =>
        selectors.Select(s => s.Name).Distinct();

    /// <summary>Values are remembered beside the key that showed them; buckets keep what they came to.</summary>
    static long BesidesEvents(Pattern pattern) =>
        pattern switch
        {
            Pattern.Novel novel => KeyBytes + ValueBytes * (novel.KeyNames.Count + novel.Of.Count),
            Pattern.Unusual unusual => unusual.Over.Ticks
                / unusual.Per.Ticks
                * (
                    BucketBytes
                    + sizeof(double)
                        * unusual.Having.Thresholds.Count(t => t.Against != Baseline.None)
                ),
            Pattern.Single or Pattern.Aggregate or Pattern.AnyOrder or Pattern.Sequence => 0,
            _ => throw new UnreachableException(),
        };
}
