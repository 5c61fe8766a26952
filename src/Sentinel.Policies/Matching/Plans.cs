using System.Runtime.InteropServices;

namespace Sentinel.Policies.Matching;

/// <summary>Makes the plan for one kind of event, given how often triggers fired, where that is known.</summary>
delegate Plan PlanMaker(PlanKey key, Func<Trigger, double?> seen);

/// <summary>The plans of one index by the kind of event, each made when the first such event comes.</summary>
sealed class Plans(PlanMaker make)
{
    // Of all plans together: beyond it, events of further kinds share the plan of their category and type.
    const int TriggersMax = 500_000;

    readonly Dictionary<PlanKey, LearningPlan> plans = [];
    readonly Lock changing = new();
    int triggersCount;

    public LearningPlan Of(PlanKey key)
    {
        lock (changing)
        {
            if (plans.TryGetValue(key, out var known))
                return known;
            if (triggersCount > TriggersMax && key != key.General())
                return Of(key.General());
            var plan = new LearningPlan(key, make);
            triggersCount += plan.Current.Triggers.Count;
            plans.Add(key, plan);
            return plan;
        }
    }
}

/// <summary>One kind's plan, made again when its triggers turn out to fire where nothing matches.</summary>
sealed class LearningPlan
{
    const double BusyRate = 0.02;
    const double MoreBusy = 2;

    readonly PlanKey key;
    readonly PlanMaker make;
    readonly Dictionary<Trigger, double> rates = [];
    readonly Lock changing = new();
    volatile Plan current;

    public LearningPlan(PlanKey key, PlanMaker make)
    {
        (this.key, this.make) = (key, make);
        current = make(key, _ => null);
    }

    public Plan Current => current;

    /// <summary>A plan that knows how often the triggers of <paramref name="used"/> fired.</summary>
    /// <param name="fired">By the numbers of its triggers.</param>
    public Plan Learn(Plan used, int eventsCount, ReadOnlySpan<int> fired)
    {
        lock (changing)
        {
            // Another thread came first, with as much to tell.
            if (!ReferenceEquals(used, current))
                return current;
            var busy = false;
            for (var i = 0; i < fired.Length; i++)
            {
                var rate = (double)fired[i] / eventsCount;
                ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(
                    rates,
                    used.Triggers[i],
                    out _
                );
                // One that was known for busy when it was chosen had nothing better beside it.
                busy |= rate > BusyRate && rate > MoreBusy * known;
                known = rate;
            }
            if (busy)
                current = make(key, t => rates.TryGetValue(t, out var rate) ? rate : null);
            return current;
        }
    }
}

/// <summary>What one thread sees of a plan. How a plan is chosen changes its speed, never an answer.</summary>
sealed class PlanUse(LearningPlan shared)
{
    const int FirstLookEvents = 256;
    const int LastLookEvents = 32_768;

    int[] fired = new int[shared.Current.Triggers.Count];
    int eventsCount;
    int lookAtEvents = FirstLookEvents;

    public Plan Plan { get; private set; } = shared.Current;

    public void Saw(ReadOnlySpan<int> triggers)
    {
        if (lookAtEvents > LastLookEvents)
            return;
        foreach (var trigger in triggers)
            fired[trigger]++;
        if (++eventsCount < lookAtEvents)
            return;
        Plan = shared.Learn(Plan, eventsCount, fired);
        fired = new int[Plan.Triggers.Count];
        (eventsCount, lookAtEvents) = (0, 2 * lookAtEvents);
    }
}
