namespace Sentinel.Siem.Correlation;

/// <summary>The events of one match, as confidence, message and <c>once per</c> ask about them.</summary>
abstract class MatchView
{
    public abstract double? Value(RuleAggregation aggregation);

    /// <summary>How many events of the selector; <c>message repeated N times</c> counts N.</summary>
    public abstract long Weight(int selector);

    /// <summary>Whether any event has the field: a value, and not false.</summary>
    public abstract bool AnyHas(int slot);

    public abstract HeldEvent? Latest(int selector);

    public static bool Has(HeldEvent held, int slot) => held[slot] is not (null or false);
}

/// <summary>A match whose events are at hand as lists.</summary>
sealed class ListedMatch(IReadOnlyList<HeldEvent>[] bySelector) : MatchView
{
    public override double? Value(RuleAggregation aggregation) =>
        aggregation.Over(bySelector[aggregation.Selector]);

    public override long Weight(int selector) => bySelector[selector].Sum(e => (long)e.Weight);

    public override bool AnyHas(int slot) =>
        bySelector.Any(events => events.Any(e => Has(e, slot)));

    public override HeldEvent? Latest(int selector) =>
        bySelector[selector] is [.., var last] ? last : null;
}

/// <summary>A sliding window of one selector, with every aggregate kept up as it slides.</summary>
sealed class RunningMatch(RulePlan plan) : MatchView
{
    readonly Tally[] tallies = [.. plan.Aggregations.Select(a => new Tally(a))];
    readonly int[] having = new int[plan.HasSlots.Count];
    long weight;

    public EventWindow Window { get; } = new();

    /// <summary>The event that is asked about, with all its values, where the window keeps only some.</summary>
    public HeldEvent? Completing { get; set; }

    /// <summary>False where the event came behind another of its key.</summary>
    public bool Add(HeldEvent held)
    {
        Count(held, added: true);
        return Window.Add(held);
    }

    public void ForgetUntil(DateTimeOffset time)
    {
        while (Window.Count > 0 && Window[0].Time <= time)
            ForgetFirst();
    }

    public void ForgetFirst() => Count(Window.TakeFirst(), added: false);

    public override double? Value(RuleAggregation aggregation)
    {
        foreach (var tally in tallies)
            if (tally.Of(aggregation))
                return tally.Value;
        return null;
    }

    public override long Weight(int selector) => weight;

    public override bool AnyHas(int slot) => having[plan.HasSlots.IndexOf(slot)] > 0;

    public override HeldEvent? Latest(int selector) => Completing ?? Window.Last;

    public void Restore(StateReader state, int slotsCount)
    {
        Window.Restore(state, slotsCount);
        for (var i = 0; i < Window.Count; i++)
            Count(Window[i], added: true);
    }

    void Count(HeldEvent held, bool added)
    {
        weight += added ? held.Weight : -held.Weight;
        foreach (var tally in tallies)
            if (added)
                tally.Add(held);
            else
                tally.Remove(held);
        for (var i = 0; i < having.Length; i++)
            if (Has(held, plan.HasSlots[i]))
                having[i] += added ? 1 : -1;
    }
}
