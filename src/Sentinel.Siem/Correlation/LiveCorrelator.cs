using Sentinel.Policies.Model;
using Sentinel.Siem.Enrichment;

namespace Sentinel.Siem.Correlation;

/// <summary>
/// The same fold fed twice: in the order of acceptance, for hits within the second, and in the order of
/// event time behind the watermark, for hits that depend on the events alone.
/// </summary>
public sealed class LiveCorrelator
{
    const int StateVersion = 4;

    readonly EventMatcher matcher;
    readonly RuleFolds provisional;
    readonly RuleFolds final;
    readonly ProvisionalHits pending = new();
    readonly Watermark watermark;
    readonly SilenceWatch silence;
    readonly PriorityQueue<RuleMatch, (EventOrder Order, int Place)> waiting = new();
    readonly List<RuleMatch> matches = [];
    readonly List<CorrelationHit> hits = [];
    readonly List<CorrelationHit> excepted = [];

    public LiveCorrelator(
        FieldTable fields,
        IReadOnlyList<RuleDeclaration> rules,
        Guid organisationId,
        CorrelatorLimits? limits = null
    )
    {
        var own = OperationalRules.ClockDrift(fields);
        matcher = new EventMatcher(fields, [.. rules.Where(r => r.Id != own.Id), own]);
        var inOrder = new FoldContext(organisationId, limits ?? new(), InOrder: true);
        final = new RuleFolds(fields, matcher.Rules, inOrder);
        provisional = new RuleFolds(fields, matcher.Rules, inOrder with { InOrder = false });
        silence = new SilenceWatch(organisationId);
        watermark = new Watermark(
            rules.Select(r => HorizonOf(r, rules)).Append(TimeSpan.FromHours(1)).Max()
        );
    }

    /// <summary>Keys and events that had to be forgotten before their window was over.</summary>
    public long Dropped => final.Dropped + provisional.Dropped;

    /// <summary>Events in the order of acceptance; the outcome does not depend on how they are batched.</summary>
    public CorrelationOutcome Correlate(IReadOnlyList<EnrichedEvent> batch)
    {
        var changes = new List<HitChange>();
        var late = new List<EnrichedEvent>();
        foreach (var enriched in batch)
        {
            var onTime = watermark.Hear(enriched);
            if (!onTime)
                late.Add(enriched);
            silence.Hear(enriched);
            matches.Clear();
            matcher.Match(enriched, late: !onTime, matches);
            for (var i = 0; i < matches.Count; i++)
            {
                provisional.Accept(matches[i], hits);
                if (onTime)
                    waiting.Enqueue(matches[i], (matches[i].Event.Order, i));
            }
            provisional.Follow(hits);
            foreach (var hit in hits.Where(hit => hit.Excepted is null))
            {
                pending.Add(hit);
                changes.Add(new HitChange.Provisional(hit));
            }
            hits.Clear();
            Settle(null, changes);
        }
        return Outcome(changes, late);
    }

    /// <summary>Time has passed without events: silent sources stop holding the watermark.</summary>
    public CorrelationOutcome Advance(DateTimeOffset now)
    {
        var changes = new List<HitChange>();
        watermark.Advance(now);
        Settle(now, changes);
        return Outcome(changes, []);
    }

    /// <summary>The end of input is the end of time: everything becomes final.</summary>
    public CorrelationOutcome Finish()
    {
        var changes = new List<HitChange>();
        watermark.Finish();
        Settle(null, changes);
        return Outcome(changes, []);
    }

    CorrelationOutcome Outcome(List<HitChange> changes, IReadOnlyList<EnrichedEvent> late)
    {
        CorrelationHit[] meant = [.. excepted];
        excepted.Clear();
        return new CorrelationOutcome(changes, late, watermark.Time) { Excepted = meant };
    }

    public byte[] Save()
    {
        var state = new StateWriter();
        state.Write(StateVersion);
        watermark.Save(state);
        silence.Save(state);
        pending.Save(state);
        provisional.Save(state);
        final.Save(state);
        SaveWaiting(state);
        return state.ToArray();
    }

    /// <summary>State of rules that no longer exist is dropped; new rules start empty.</summary>
    public void Restore(byte[] saved)
    {
        var state = new StateReader(saved);
        // What another version of the program remembered may mean something else: begin anew.
        if (state.ReadInt() != StateVersion)
            return;
        watermark.Restore(state);
        silence.Restore(state);
        pending.Restore(state);
        provisional.Restore(state);
        final.Restore(state);
        RestoreWaiting(state);
    }

    /// <summary>Everything before the watermark, in order, and what is certain after it.</summary>
    void Settle(DateTimeOffset? now, List<HitChange> changes)
    {
        if (watermark.Time is not { } until)
            return;
        while (waiting.TryPeek(out var match, out var at) && at.Order.Time < until)
        {
            waiting.Dequeue();
            final.Accept(match, hits);
        }
        final.Advance(until, hits);
        // The end of input is no silence: nobody knows what would have come.
        if (until < DateTimeOffset.MaxValue)
            silence.Notice(until, now, hits);
        foreach (var hit in hits)
            if (hit.Excepted is null)
                changes.Add(pending.Settle(hit));
            else
                excepted.Add(hit);
        hits.Clear();
        pending.Withdraw(until, changes);
    }

    void SaveWaiting(StateWriter state)
    {
        state.Write(waiting.Count);
        foreach (var (match, at) in waiting.UnorderedItems.OrderBy(item => item.Priority))
        {
            var own = new StateWriter();
            own.Write(match.Selector);
            own.Write(match.Key.Parts);
            own.Write(at.Place);
            own.Write(match.More);
            match.Event.Save(own);
            state.Write(matcher.Rules[match.Rule].Rule.Id);
            state.Write(own.ToArray());
        }
    }

    void RestoreWaiting(StateReader state)
    {
        var byId = matcher.Rules.ToDictionary(r => r.Rule.Id);
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
            waiting.Enqueue(
                new RuleMatch(rule.Index, selector, key, held, more),
                (held.Order, place)
            );
        }
    }

    /// <summary>Its own windows behind those of the rules whose hits it takes.</summary>
    internal static TimeSpan HorizonOf(RuleDeclaration rule, IReadOnlyList<RuleDeclaration> all) =>
        HorizonOf(rule.Pattern)
        + all.Where(other => rule.Pattern.TakesHits && rule.TakesFrom(other))
            .Select(other => HorizonOf(other, all))
            .Append(TimeSpan.Zero)
            .Max();

    static TimeSpan HorizonOf(Pattern pattern) =>
        pattern switch
        {
            Pattern.Aggregate { Window: Window.Session session } => session.AtMost,
            Pattern.Aggregate aggregate => aggregate.Window.Within,
            Pattern.AnyOrder any => any.Within,
            Pattern.Novel novel => novel.Within,
            Pattern.Unusual unusual => unusual.Over + unusual.Per,
            Pattern.Sequence sequence => sequence.Within
                + (sequence.Steps[^1].After ?? sequence.Within),
            _ => TimeSpan.Zero,
        };
}
