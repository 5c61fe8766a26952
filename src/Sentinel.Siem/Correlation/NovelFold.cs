using Sentinel.Policies.Model;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Siem.Correlation;

/// <summary>
/// Values that a key has not shown within the window before the event, or only a few times. A key is
/// known since its first event that no gap as long as the window separates from this one.
/// </summary>
sealed class NovelFold(RulePlan plan, Pattern.Novel pattern, FoldContext context)
    : RuleFold(plan, context)
{
    readonly KeyedStates<KnownKey> known = new(context.Limits.KeysMax);
    readonly KeyedStates<List<(DateTimeOffset At, int Weight)>> seen = new(context.Limits.KeysMax);
    readonly int[] slots = [.. pattern.Of.Select(plan.Matcher.SlotOf)];

    public override void Accept(in RuleMatch match, List<CorrelationHit> hits)
    {
        var held = match.Event;
        if (ValuesOf(match.Key, held) is not { } values)
            return;
        if (Context.InOrder)
        {
            known.Forget(k => held.Time - k.Latest >= pattern.Within);
            seen.Forget(times => held.Time - times[^1].At >= pattern.Within);
        }
        var since = KnownSince(match.Key, held.Time);
        var times = seen.Touch(values, () => [], out var dropped);
        if (dropped is not null)
            Dropped++;
        var place = times.FindLastIndex(t => t.At <= held.Time) + 1;
        times.Insert(place, (held.Time, held.Weight));
        var often = 0L;
        for (var i = place; i >= 0 && held.Time - times[i].At < pattern.Within; i--)
            often += times[i].Weight;
        Shorten(times);
        if (often <= pattern.AtMost && held.Time - since >= pattern.After)
            RaiseAlone(match, hits);
    }

    DateTimeOffset KnownSince(RuleKey key, DateTimeOffset time)
    {
        var state = known.Touch(key, () => new KnownKey(time, time), out var dropped);
        if (dropped is not null)
            Dropped++;
        if (time - state.Latest >= pattern.Within)
            state.Since = time;
        if (time > state.Latest)
            state.Latest = time;
        return state.Since;
    }

    // More than the newest that make it too many never decide.
    void Shorten(List<(DateTimeOffset At, int Weight)> times)
    {
        var weight = 0L;
        var first = times.Count;
        while (first > 0 && weight < pattern.AtMost)
            weight += times[--first].Weight;
        times.RemoveRange(0, first);
    }

    RuleKey? ValuesOf(RuleKey key, HeldEvent held)
    {
        var parts = new List<string>(key.Parts);
        foreach (var slot in slots)
            if (held[slot] is { } value)
                parts.Add(FieldValue.ToText(value));
        return parts.Count == key.Parts.Count + slots.Length ? RuleKey.Of(parts) : null;
    }

    protected override void SaveState(StateWriter state)
    {
        known.Save(
            state,
            key =>
            {
                state.Write(key.Since);
                state.Write(key.Latest);
            }
        );
        seen.Save(
            state,
            times =>
            {
                state.Write(times.Count);
                foreach (var (at, weight) in times)
                {
                    state.Write(at);
                    state.Write(weight);
                }
            }
        );
    }

    protected override void RestoreState(StateReader state)
    {
        known.Restore(state, () => new KnownKey(state.ReadTime(), state.ReadTime()));
        seen.Restore(
            state,
            () =>
            {
                var times = new List<(DateTimeOffset, int)>();
                for (var count = state.ReadInt(); count > 0; count--)
                    times.Add((state.ReadTime(), state.ReadInt()));
                return times;
            }
        );
    }

    sealed class KnownKey(DateTimeOffset since, DateTimeOffset latest)
    {
        public DateTimeOffset Since { get; set; } = since;

        public DateTimeOffset Latest { get; set; } = latest;
    }
}
