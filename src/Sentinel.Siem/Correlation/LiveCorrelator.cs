using System.Diagnostics;
using Sentinel.Policies.Model;
using Sentinel.Siem.Enrichment;

namespace Sentinel.Siem.Correlation;

/// <summary>
/// The same fold fed twice: in the order of acceptance, for hits within the second, and in the order of
/// event time behind the watermark, for hits that depend on the events alone. What comes too late for that
/// is folded in again, as far as the limits reach, and what it changes is a correction.
/// </summary>
public sealed class LiveCorrelator
{
    const int StateVersion = 5;

    readonly EventMatcher matcher;
    readonly RuleFolds provisional;
    readonly FinalFolds final;
    readonly ProvisionalHits pending = new();
    readonly FinalHits said = new();
    readonly Watermark watermark;
    readonly SilenceWatch silence;
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
        limits ??= new CorrelatorLimits();
        var inOrder = new FoldContext(organisationId, limits, InOrder: true);
        final = new FinalFolds(
            matcher.Rules,
            limits,
            () => new RuleFolds(fields, matcher.Rules, inOrder)
        );
        provisional = new RuleFolds(fields, matcher.Rules, inOrder with { InOrder = false });
        silence = new SilenceWatch(organisationId);
        watermark = new Watermark(
            rules.Select(r => HorizonOf(r, rules)).Append(TimeSpan.FromHours(1)).Max()
        );
    }

    /// <summary>Keys and events that had to be forgotten before their window was over.</summary>
    public long Dropped => final.Dropped + provisional.Dropped;

    /// <summary>Events in the order of acceptance; what stands does not depend on how they are batched.</summary>
    public CorrelationOutcome Correlate(IReadOnlyList<EnrichedEvent> batch)
    {
        var changes = new List<HitChange>();
        var late = new List<EnrichedEvent>();
        foreach (var enriched in batch)
        {
            var time = enriched.Event.EventTime;
            var onTime = watermark.Hear(enriched);
            var isRebuilt =
                !onTime
                && watermark.Time is { } passed
                && time < passed
                && final.Reaches(time, passed);
            if (!onTime && !isRebuilt)
                late.Add(enriched);
            silence.Hear(enriched);
            matches.Clear();
            matcher.Match(enriched, late: !onTime && !isRebuilt, matches);
            for (var i = 0; i < matches.Count; i++)
            {
                provisional.Accept(matches[i], hits);
                if (onTime)
                    final.Await(matches[i], i);
                else if (isRebuilt)
                    final.AddLate(matches[i], i);
            }
            provisional.Follow(hits);
            // What a late event completes behind the watermark is found when that is rebuilt.
            foreach (var hit in hits)
                if (hit.Excepted is null && !(isRebuilt && hit.Last < watermark.Time))
                    Provide(hit, changes);
            hits.Clear();
            Settle(null, changes);
        }
        Rebuild(changes);
        return Outcome(changes, late);
    }

    // Late events may complete what was completed before, after later ones were forgotten.
    void Provide(CorrelationHit hit, List<HitChange> changes)
    {
        if (said.Knows(hit.Id) || !pending.TryAdd(hit))
            return;
        changes.Add(new HitChange.Provisional(hit));
    }

    /// <summary>Time has passed without events: silent sources stop holding the watermark.</summary>
    public CorrelationOutcome Advance(DateTimeOffset now)
    {
        var changes = new List<HitChange>();
        watermark.Advance(now);
        Settle(now, changes);
        Rebuild(changes);
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
        said.Save(state);
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
        said.Restore(state);
    }

    /// <summary>Everything before the watermark, in order, and what is certain after it.</summary>
    void Settle(DateTimeOffset? now, List<HitChange> changes)
    {
        if (watermark.Time is not { } until)
            return;
        final.Advance(until, hits);
        foreach (var hit in hits)
        {
            said.Add(hit);
            if (hit.Excepted is null)
                changes.Add(pending.Settle(hit));
            else
                excepted.Add(hit);
        }
        hits.Clear();
        // The end of input is no silence: nobody knows what would have come.
        if (until < DateTimeOffset.MaxValue)
            silence.Notice(until, now, hits);
        changes.AddRange(hits.Select(hit => new HitChange.Final(hit)));
        hits.Clear();
        foreach (var (id, last) in pending.Withdraw(until))
        {
            said.Withdraw(id, last);
            changes.Add(new HitChange.Retracted(id));
        }
    }

    /// <summary>Puts what came late in its place, as far as windows can still be rebuilt.</summary>
    void Rebuild(List<HitChange> changes)
    {
        if (watermark.Time is not { } until)
            return;
        if (final.HasLate)
        {
            final.Rebuild(until, hits);
            excepted.AddRange(said.Compare(hits, changes));
            hits.Clear();
        }
        final.Shorten(until);
        said.ForgetBefore(final.ReachesTo);
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
            Pattern.Single => TimeSpan.Zero,
            _ => throw new UnreachableException(),
        };
}
