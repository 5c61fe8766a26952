using Sentinel.Policies.Model;

namespace Sentinel.Siem.Correlation;

/// <summary>The folds of all rules, fed with matches.</summary>
sealed class RuleFolds
{
    // How often a rule says that it had to forget, in event time.
    static readonly TimeSpan LimitFindingEvery = TimeSpan.FromHours(1);

    readonly FoldContext context;
    readonly RuleFold?[] byRule;
    readonly RuleFold[] timed;
    readonly (long Dropped, DateTimeOffset Said)[] limits;

    public RuleFolds(IReadOnlyList<RuleMatcher> rules, FoldContext context)
    {
        this.context = context;
        byRule = [.. rules.Select(Create)];
        timed = [.. byRule.OfType<RuleFold>().Where(fold => fold.HasTimers)];
        limits = new (long, DateTimeOffset)[byRule.Length];
    }

    public long Dropped => byRule.Sum(fold => fold?.Dropped ?? 0);

    public void Accept(in RuleMatch match, List<CorrelationHit> hits)
    {
        if (byRule[match.Rule] is not { } fold)
            return;
        fold.Accept(match, hits);
        if (fold.Dropped > limits[match.Rule].Dropped)
            SayLimit(fold, match, hits);
    }

    /// <summary>Fires what is certain, earliest first, then in the order of the rules.</summary>
    public void Advance(DateTimeOffset until, List<CorrelationHit> hits)
    {
        while (true)
        {
            RuleFold? next = null;
            foreach (var fold in timed)
                if (
                    fold.NextTimer is { } timer
                    && timer <= until
                    && (next is null || timer < next.NextTimer)
                )
                    next = fold;
            if (next is null)
                return;
            next.Advance(next.NextTimer!.Value, hits);
        }
    }

    public void Save(StateWriter state)
    {
        state.Write(byRule.Count(fold => fold is not null));
        for (var i = 0; i < byRule.Length; i++)
        {
            if (byRule[i] is not { } fold)
                continue;
            var own = new StateWriter();
            own.Write(limits[i].Dropped);
            own.Write(limits[i].Said);
            fold.Save(own);
            state.Write(fold.Rule.Id);
            state.Write([.. fold.SlotNames]);
            state.Write(own.ToArray());
        }
    }

    public void Restore(StateReader state)
    {
        for (var count = state.ReadInt(); count > 0; count--)
        {
            var id = state.ReadId();
            var slots = state.ReadTexts();
            var own = new StateReader(state.ReadBlock());
            var place = Array.FindIndex(byRule, fold => fold?.Rule.Id == id);
            // Another version of the program may remember other values: its state would lie.
            if (place < 0 || !byRule[place]!.SlotNames.SequenceEqual(slots))
                continue;
            limits[place] = (own.ReadLong(), own.ReadTime());
            byRule[place]!.Restore(own);
        }
    }

    void SayLimit(RuleFold fold, in RuleMatch match, List<CorrelationHit> hits)
    {
        ref var said = ref limits[match.Rule];
        var forgotten = fold.Dropped - said.Dropped;
        if (match.Event.Time - said.Said < LimitFindingEvery && said.Dropped > 0)
            return;
        said = (fold.Dropped, match.Event.Time);
        hits.Add(
            OperationalRules.Limit(context.OrganisationId, fold.Rule, forgotten, match.Event.Time)
        );
    }

    RuleFold? Create(RuleMatcher matcher)
    {
        var plan = new RulePlan(matcher);
        return matcher.Rule.Pattern switch
        {
            Pattern.Single => new SingleFold(plan, context),
            Pattern.Aggregate { Window: Window.Sliding } sliding => new AggregateFold(
                plan,
                sliding,
                context
            ),
            Pattern.Aggregate aggregate => new WindowsFold(plan, aggregate, context),
            Pattern.AnyOrder any => new AnyOrderFold(plan, any, context),
            // What did not happen is certain only behind the watermark.
            Pattern.Sequence { Steps: [.., { Absent: true }] } when !context.InOrder => null,
            Pattern.Sequence sequence => new SequenceFold(plan, sequence, context),
            _ => throw new InvalidOperationException("A pattern of an unknown kind."),
        };
    }
}
