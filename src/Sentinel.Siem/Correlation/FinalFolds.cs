namespace Sentinel.Siem.Correlation;

/// <summary>
/// The folds in the order of event time, and what it takes to go back: the same folds as they were a while
/// ago, and every match since. A late event that came since is put in its place, and all is folded again.
/// </summary>
sealed class FinalFolds(
    IReadOnlyList<RuleMatcher> rules,
    CorrelatorLimits limits,
    Func<RuleFolds> create
)
{
    readonly PriorityQueue<RuleMatch, (EventOrder Order, int Place)> waiting = new();
    readonly Queue<(RuleMatch Match, int Place)> past = new();
    readonly List<(RuleMatch Match, int Place)> late = [];
    readonly List<CorrelationHit> known = [];
    readonly RuleFolds before = create();
    RuleFolds folds = create();

    DateTimeOffset reachesTo = DateTimeOffset.MinValue;

    public long Dropped => folds.Dropped;

    public bool HasLate => late.Count > 0;

    /// <summary>From here on everything can still be folded again.</summary>
    public DateTimeOffset ReachesTo => reachesTo;

    /// <summary>Whether an event of this time, behind the watermark, can still be put in its place.</summary>
    public bool Reaches(DateTimeOffset time, DateTimeOffset watermark) =>
        time >= reachesTo && time.UtcTicks >= FurthestTicks(watermark);

    long FurthestTicks(DateTimeOffset watermark) =>
        watermark.UtcTicks - limits.RebuildMinutesMax * TimeSpan.TicksPerMinute;

    /// <summary>Waits for the watermark.</summary>
    public void Await(in RuleMatch match, int place) =>
        waiting.Enqueue(match, (match.Event.Order, place));

    /// <summary>Of an event behind the watermark that <see cref="ReachesTo"/> reaches.</summary>
    public void AddLate(in RuleMatch match, int place) => late.Add((match, place));

    /// <summary>Everything before the watermark, in order, and what is certain after it.</summary>
    public void Advance(DateTimeOffset until, List<CorrelationHit> hits)
    {
        while (waiting.TryPeek(out var match, out var at) && at.Order.Time < until)
        {
            waiting.Dequeue();
            folds.Accept(match, hits);
            past.Enqueue((match, at.Place));
        }
        folds.Advance(until, hits);
    }

    /// <summary>Folds again with what came late: all hits since the time that it reaches back to.</summary>
    public void Rebuild(DateTimeOffset until, List<CorrelationHit> hits)
    {
        var ordered = past.Concat(late)
            .OrderBy(one => one.Match.Event.Order)
            .ThenBy(one => one.Place)
            .ToList();
        late.Clear();
        past.Clear();
        folds = create();
        var state = new StateWriter();
        before.Save(state);
        folds.Restore(new StateReader(state.ToArray()));
        foreach (var one in ordered)
        {
            folds.Accept(one.Match, hits);
            past.Enqueue(one);
        }
        folds.Advance(until, hits);
    }

    /// <summary>What lies further back than the limits ask for is no longer kept.</summary>
    public void Shorten(DateTimeOffset watermark)
    {
        if (watermark == DateTimeOffset.MaxValue)
            return;
        var to = FurthestTicks(watermark);
        var over = past.Count - limits.RebuildMatchesMax;
        while (past.TryPeek(out var first))
        {
            var time = first.Match.Event.Time;
            if (time.UtcTicks >= to && over <= 0 && time >= reachesTo)
                break;
            past.Dequeue();
            before.Accept(first.Match, known);
            known.Clear();
            // Not to this moment itself, of which more may be kept.
            if (over-- > 0 && time >= reachesTo)
                reachesTo = time.AddTicks(1);
        }
        if (to > reachesTo.UtcTicks)
            reachesTo = new DateTimeOffset(to, TimeSpan.Zero);
        if (reachesTo > DateTimeOffset.MinValue)
            before.Advance(reachesTo.AddTicks(-1), known);
        known.Clear();
    }

    public void Save(StateWriter state)
    {
        folds.Save(state);
        before.Save(state);
        state.Write(reachesTo);
        Save(state, waiting.UnorderedItems.Select(item => (item.Element, item.Priority.Place)));
        Save(state, past);
    }

    public void Restore(StateReader state)
    {
        folds.Restore(state);
        before.Restore(state);
        reachesTo = state.ReadTime();
        Restore(state, (match, place) => Await(match, place));
        Restore(state, (match, place) => past.Enqueue((match, place)));
    }

    void Save(StateWriter state, IEnumerable<(RuleMatch Match, int Place)> matches)
    {
        List<(RuleMatch Match, int Place)> ordered =
        [
            .. matches.OrderBy(one => one.Match.Event.Order).ThenBy(one => one.Place),
        ];
        state.Write(ordered.Count);
        foreach (var (match, place) in ordered)
        {
            var own = new StateWriter();
            own.Write(match.Selector);
            own.Write(match.Key.Parts);
            own.Write(place);
            own.Write(match.More);
            match.Event.Save(own);
            state.Write(rules[match.Rule].Rule.Id);
            state.Write(own.ToArray());
        }
    }

    void Restore(StateReader state, Action<RuleMatch, int> add)
    {
        var byId = rules.ToDictionary(r => r.Rule.Id);
        for (var count = state.ReadInt(); count > 0; count--)
        {
            var id = state.ReadId();
            var own = new StateReader(state.ReadBlock());
            if (!byId.TryGetValue(id, out var rule))
                continue;
            var selector = own.ReadInt();
            var key = RuleKey.Of(own.ReadTexts());
            var place = own.ReadInt();
            var more = own.ReadBool();
            var held = HeldEvent.Restore(own, rule.SlotsCount);
            add(new RuleMatch(rule.Index, selector, key, held, more), place);
        }
    }
}
