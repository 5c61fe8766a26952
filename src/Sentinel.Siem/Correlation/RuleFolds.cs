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
    readonly Partitions partitions;
    readonly RuleState?[] byRule;
    readonly RuleState[] timed;
    readonly (long Dropped, DateTimeOffset Said)[] limits;

    /// <summary>One rule: a fold for each partition of its keys.</summary>
    sealed record RuleState(RuleFold[] Folds, OnceStates Once)
    {
        public RuleDeclaration Rule => Folds[0].Rule;

        public long Dropped => Folds.Sum(fold => fold.Dropped);

        public DateTimeOffset? NextTimer => Folds.Min(fold => fold.NextTimer?.Deadline);

        /// <summary>The fold whose key comes first at the moment, or null.</summary>
        public RuleFold? NextAt(DateTimeOffset moment) =>
            Folds
                .Where(fold => fold.NextTimer?.Deadline == moment)
                .MinBy(fold => fold.NextTimer!.Value.Key, StringComparer.Ordinal);
    }

    public RuleFolds(
        FieldTable fields,
        IReadOnlyList<RuleMatcher> rules,
        FoldContext context,
        int partitionsCount = 1
    )
    {
        partitions = new Partitions(partitionsCount);
        chain = new HitChain(fields, rules, context.OrganisationId);
        this.context = context with
        {
            Limits = context.Limits with
            {
                KeysMax = Math.Max(1, context.Limits.KeysMax / partitionsCount),
            },
        };
        byRule = [.. rules.Select(Create)];
        timed = [.. byRule.OfType<RuleState>().Where(rule => rule.Folds[0].HasTimers)];
        limits = new (long, DateTimeOffset)[byRule.Length];
    }

    public long Dropped => byRule.Sum(rule => rule?.Dropped ?? 0);

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
        if (byRule[match.Rule] is not { } rule)
            return;
        var before = hits.Count;
        var fold = rule.Folds[partitions.Of(match.Key)];
        var dropped = fold.Dropped;
        fold.Accept(match, hits);
        if (fold.Dropped > dropped)
            SayLimit(rule, match, hits);
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
            foreach (var rule in timed)
                if (rule.NextTimer is { } timer && timer <= until && !(next <= timer))
                    next = timer;
            if (next is not { } moment)
                return;
            var before = hits.Count;
            foreach (var rule in timed)
                while (rule.NextAt(moment) is { } fold)
                    fold.Fire(hits);
            Note(hits, before);
            Follow(hits);
        }
    }

    public void Save(StateWriter state)
    {
        chain.Save(state);
        state.Write(partitions.Count);
        state.Write(byRule.Count(rule => rule is not null));
        for (var i = 0; i < byRule.Length; i++)
        {
            if (byRule[i] is not { } rule)
                continue;
            var own = new StateWriter();
            own.Write(limits[i].Dropped);
            own.Write(limits[i].Said);
            rule.Once.Save(own);
            foreach (var fold in rule.Folds)
                fold.Save(own);
            state.Write(rule.Rule.Id);
            state.Write([.. rule.Folds[0].SlotNames]);
            state.Write(own.ToArray());
        }
    }

    public void Restore(StateReader state)
    {
        chain.Restore(state);
        // Keys that were shared out otherwise would not be found.
        if (state.ReadInt() != partitions.Count)
            throw new InvalidDataException("The state was saved with other partitions.");
        for (var count = state.ReadInt(); count > 0; count--)
        {
            var id = state.ReadId();
            var slots = state.ReadTexts();
            var own = new StateReader(state.ReadBlock());
            var place = Array.FindIndex(byRule, rule => rule?.Rule.Id == id);
            // Another version of the program may remember other values: its state would lie.
            if (place < 0 || !byRule[place]!.Folds[0].SlotNames.SequenceEqual(slots))
                continue;
            limits[place] = (own.ReadLong(), own.ReadTime());
            byRule[place]!.Once.Restore(own);
            foreach (var fold in byRule[place]!.Folds)
                fold.Restore(own);
        }
    }

    void SayLimit(RuleState rule, in RuleMatch match, List<CorrelationHit> hits)
    {
        ref var said = ref limits[match.Rule];
        var forgotten = rule.Dropped - said.Dropped;
        if (match.Event.Time - said.Said < LimitFindingEvery && said.Dropped > 0)
            return;
        said = (rule.Dropped, match.Event.Time);
        hits.Add(
            OperationalRules.Limit(context.OrganisationId, rule.Rule, forgotten, match.Event.Time)
        );
    }

    RuleState? Create(RuleMatcher matcher)
    {
        var plan = new RulePlan(matcher);
        var once = new OnceStates(partitions, context.Limits.KeysMax);
        var own = context with { Once = once };
        var folds = Enumerable.Range(0, partitions.Count).Select(_ => Create(plan, own)).ToList();
        return folds.Contains(null) ? null : new RuleState([.. folds.OfType<RuleFold>()], once);
    }

    static RuleFold? Create(RulePlan plan, FoldContext context) =>
        plan.Rule.Pattern switch
        {
            Pattern.Single => new SingleFold(plan, context),
            Pattern.Aggregate { Window: Window.Sliding } sliding => new AggregateFold(
                plan,
                sliding,
                context
            ),
            Pattern.Aggregate aggregate => new WindowsFold(plan, aggregate, context),
            Pattern.Novel novel => new NovelFold(plan, novel, context),
            Pattern.Unusual unusual => new UnusualFold(plan, unusual, context),
            Pattern.AnyOrder any => new AnyOrderFold(plan, any, context),
            // What did not happen is certain only behind the watermark.
            Pattern.Sequence { Steps: [.., { Absent: true }] } when !context.InOrder => null,
            Pattern.Sequence sequence => new SequenceFold(plan, sequence, context),
            _ => throw new InvalidOperationException("A pattern of an unknown kind."),
        };
}
