using Sentinel.Policies.Model;

namespace Sentinel.Siem.Correlation;

/// <summary>The folds of all rules, fed with matches.</summary>
sealed class RuleFolds
{
    // How often a rule says that it had to forget, in event time.
    static readonly TimeSpan LimitFindingEvery = TimeSpan.FromHours(1);

    readonly FoldContext context;
    readonly HitChain chain;
    readonly Queue<CorrelationHit> unfollowed = new();
    readonly List<RuleMatch> following = [];
    EventOrder current;
    readonly RuleFold?[] byRule;
    readonly RuleFold[] timed;
    readonly (long Dropped, DateTimeOffset Said)[] limits;

    public RuleFolds(FieldTable fields, IReadOnlyList<RuleMatcher> rules, FoldContext context)
    {
        chain = new HitChain(fields, rules, context.OrganisationId);
        this.context = context;
        byRule = [.. rules.Select(Create)];
        timed = [.. byRule.OfType<RuleFold>().Where(fold => fold.HasTimers)];
        limits = new (long, DateTimeOffset)[byRule.Length];
    }

    public long Dropped => byRule.Sum(fold => fold?.Dropped ?? 0);

    /// <summary>One match; those of one event come one after another, and time goes on between events.</summary>
    public void Accept(in RuleMatch match, List<CorrelationHit> hits)
    {
        if ((unfollowed.Count > 0 || timed.Length > 0) && match.Event.Order != current)
            Advance(match.Event.Time, hits);
        current = match.Event.Order;
        Fold(match, hits);
    }

    /// <summary>
    /// Gives hits to the rules that take them: when an event was given to all rules, and before a batch
    /// is over.
    /// </summary>
    public void Follow(List<CorrelationHit> hits)
    {
        while (unfollowed.TryDequeue(out var hit))
        {
            following.Clear();
            chain.Match(hit, following);
            foreach (var match in following)
                Fold(match, hits);
        }
    }

    void Fold(in RuleMatch match, List<CorrelationHit> hits)
    {
        if (byRule[match.Rule] is not { } fold)
            return;
        var before = hits.Count;
        fold.Accept(match, hits);
        if (fold.Dropped > limits[match.Rule].Dropped)
            SayLimit(fold, match, hits);
        Note(hits, before);
    }

    // What `once per` counted on an earlier hit is no hit of its own to other rules.
    void Note(List<CorrelationHit> hits, int before)
    {
        for (var i = before; i < hits.Count; i++)
            if (hits[i] is { Source: not null, Suppressed: false })
                unfollowed.Enqueue(hits[i]);
    }

    /// <summary>Fires what is certain, earliest first, then in the order of the rules.</summary>
    public void Advance(DateTimeOffset until, List<CorrelationHit> hits)
    {
        Follow(hits);
        while (true)
        {
            DateTimeOffset? next = null;
            foreach (var fold in timed)
                if (fold.NextTimer is { } timer && timer <= until && !(next <= timer))
                    next = timer;
            if (next is not { } moment)
                return;
            var before = hits.Count;
            foreach (var fold in timed)
                if (fold.NextTimer == moment)
                    fold.Advance(moment, hits);
            Note(hits, before);
            Follow(hits);
        }
    }

    public void Save(StateWriter state)
    {
        chain.Save(state);
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
        chain.Restore(state);
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
