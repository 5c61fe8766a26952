using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Sentinel.Policies;
using Sentinel.Policies.Model;
using Sentinel.Siem.Correlation;
using Sentinel.Siem.Enrichment;

namespace Sentinel.Tests.Siem;

[Properties(Arbitrary = [typeof(Streams), typeof(RandomRules)], MaxTest = 40)]
public sealed class CorrelatorProperties
{
    [Property]
    public void The_engine_finds_what_the_reference_finds_by_trying_everything(
        RandomRules rules,
        EventStream stream
    )
    {
        var policy = Some.Policy(rules.Text);
        var events = Streams.Events(policy, stream);

        var found = All(policy, events)
            .Where(h => h.Excepted is null)
            .Select(h => (h.RuleName, Key(h), h.Last, CountOf(policy, h)));

        var expected = new ReferenceCorrelator(policy.Fields, policy.Rules)
            .Correlate(events)
            .Select(m => (m.Rule.Name, m.Key, m.Last, m.Count));
        Assert.Equal(expected.Order(), found.Order());
    }

    [Property]
    public void Batches_and_restarts_make_no_difference(
        RandomRules rules,
        EventStream stream,
        PositiveInt seed
    )
    {
        var policy = Some.Policy(rules.Text);
        var events = Streams.Events(policy, stream);
        var chance = new Random(seed.Get);
        var hits = new List<CorrelationHit>();
        var correlator = New(policy);

        for (var at = 0; at < events.Count; )
        {
            var size = Math.Min(chance.Next(1, 6), events.Count - at);
            hits.AddRange(correlator.Correlate([.. events.Skip(at).Take(size)]));
            at += size;
            var restarted = New(policy);
            restarted.Restore(correlator.Save());
            Assert.Equal(correlator.Save(), restarted.Save());
            correlator = restarted;
        }
        hits.AddRange(correlator.Advance(DateTimeOffset.MaxValue));

        Assert.Equal(Json(All(policy, events)), Json(hits));
    }

    [Property]
    public void Partitions_share_the_keys_and_change_no_hit(
        RandomRules rules,
        EventStream stream,
        PositiveInt seed
    )
    {
        var policy = Some.Policy(rules.Text);
        var events = Streams.Events(policy, stream);
        var count = seed.Get % 16 + 1;
        var correlator = NewShared(policy, count);

        var hits = correlator.Correlate([.. events.Take(events.Count / 2)]).ToList();
        var restarted = NewShared(policy, count);
        restarted.Restore(correlator.Save());
        hits.AddRange(restarted.Correlate([.. events.Skip(events.Count / 2)]));
        hits.AddRange(restarted.Advance(DateTimeOffset.MaxValue));

        Assert.Equal(Json(All(policy, events)), Json(hits));
    }

    [Property]
    public void Final_hits_do_not_depend_on_the_order_of_arrival_within_lateness(
        RandomRules rules,
        EventStream stream,
        PositiveInt seed
    )
    {
        var policy = Some.Policy(rules.Text);
        var events = Streams.Events(policy, stream);

        // No event arrives later than 15 of the 30 seconds that the source allows.
        var (standing, late) = Standing(policy, Disordered(events, seed, 15), new(seed.Get));

        Assert.Empty(late);
        Assert.Equal(
            Json(All(policy, events).Where(h => h.Excepted is null).OrderBy(h => h.Id)),
            Json(standing.OrderBy(h => h.Id))
        );
    }

    [Property]
    public void A_late_event_gets_its_place_in_the_final_hits_where_windows_can_be_rebuilt(
        RandomRules rules,
        EventStream stream,
        PositiveInt seed
    )
    {
        var policy = Some.Policy(rules.Text);
        var events = Streams.Events(policy, stream);

        // Up to 90 seconds, of which the source allows 30.
        var (standing, late) = Standing(policy, Disordered(events, seed, 90), new(seed.Get));

        Assert.Empty(late);
        Assert.Equal(
            Json(All(policy, events).Where(h => h.Excepted is null).OrderBy(h => h.Id)),
            Json(standing.OrderBy(h => h.Id))
        );
    }

    [Property]
    public void What_comes_too_late_for_that_is_listed_and_left_out_of_the_final_hits(
        RandomRules rules,
        EventStream stream,
        PositiveInt seed
    )
    {
        var policy = Some.Policy(rules.Text);
        var events = Streams.Events(policy, stream);
        var limits = new CorrelatorLimits
        {
            RebuildMinutesMax = seed.Get % 2,
            RebuildMatchesMax = seed.Get % 5,
        };

        var (standing, late) = Standing(
            policy,
            Disordered(events, seed, 200),
            new(seed.Get),
            limits
        );

        Assert.Equal(
            Json(
                All(policy, [.. events.Except(late)])
                    .Where(h => h.Excepted is null)
                    .OrderBy(h => h.Id)
            ),
            Json(standing.Where(h => !h.IncludesLate).OrderBy(h => h.Id))
        );
    }

    /// <summary>As they arrive where each is delayed by less than so many seconds.</summary>
    static List<EnrichedEvent> Disordered(
        IReadOnlyList<EnrichedEvent> events,
        PositiveInt seed,
        int seconds
    )
    {
        var chance = new Random(seed.Get);
        return [.. events.OrderBy(e => e.Event.EventTime.AddSeconds(chance.Next(0, seconds)))];
    }

    [Property]
    public void Hits_of_events_in_order_are_confirmed_and_never_corrected(
        RandomRules rules,
        EventStream stream
    )
    {
        var policy = Some.Policy(rules.Text);
        var live = NewLive(policy);

        var changes = live.Correlate(Streams.Events(policy, stream))
            .Changes.Concat(live.Finish().Changes)
            .ToList();

        // What did not happen is known at the end alone, and so is what builds on it.
        var provisional = changes
            .OfType<HitChange.Provisional>()
            .Select(c => c.Hit)
            .Where(hit => !Waits(policy, hit.RuleName))
            .ToDictionary(hit => hit.Id);
        var confirmed = changes.OfType<HitChange.Confirmed>().Select(c => c.HitId);
        Assert.Equal(provisional.Keys.Order(), confirmed.Where(provisional.ContainsKey).Order());
        Assert.All(
            changes.OfType<HitChange.Final>(),
            change => Assert.True(Waits(policy, change.Hit.RuleName))
        );
    }

    /// <summary>What stands after all corrections, with random batches and restarts in between.</summary>
    static (IReadOnlyList<CorrelationHit> Hits, IReadOnlyList<EnrichedEvent> Late) Standing(
        Policy policy,
        List<EnrichedEvent> arrival,
        Random chance,
        CorrelatorLimits? limits = null
    )
    {
        var standing = new Dictionary<Guid, CorrelationHit>();
        var late = new List<EnrichedEvent>();
        var live = NewLive(policy, limits);
        for (var at = 0; at < arrival.Count; )
        {
            var size = Math.Min(chance.Next(1, 6), arrival.Count - at);
            var outcome = live.Correlate([.. arrival.Skip(at).Take(size)]);
            late.AddRange(outcome.Late);
            Apply(standing, outcome.Changes);
            at += size;
            var restarted = NewLive(policy, limits);
            restarted.Restore(live.Save());
            live = restarted;
        }
        Apply(standing, live.Finish().Changes);
        return ([.. standing.Values], late);
    }

    static void Apply(Dictionary<Guid, CorrelationHit> standing, IEnumerable<HitChange> changes)
    {
        foreach (var change in changes)
            switch (change)
            {
                case HitChange.Provisional provisional:
                    standing.Add(provisional.Hit.Id, provisional.Hit);
                    break;
                case HitChange.Final final:
                    standing.Add(final.Hit.Id, final.Hit);
                    break;
                case HitChange.Corrected corrected:
                    standing[corrected.Hit.Id] = corrected.Hit;
                    break;
                case HitChange.Retracted withdrawn:
                    Assert.True(standing.Remove(withdrawn.HitId));
                    break;
                case HitChange.Confirmed confirmed:
                    Assert.Contains(confirmed.HitId, standing);
                    break;
            }
    }

    static List<CorrelationHit> All(Policy policy, IReadOnlyList<EnrichedEvent> events)
    {
        var correlator = New(policy);
        return [.. correlator.Correlate(events), .. correlator.Advance(DateTimeOffset.MaxValue)];
    }

    static Correlator New(Policy policy) => new(policy.Fields, policy.Rules, Guid.Empty);

    static Correlator NewShared(Policy policy, int partitions) =>
        new(policy.Fields, policy.Rules, Guid.Empty, partitionsCount: partitions);

    static LiveCorrelator NewLive(Policy policy, CorrelatorLimits? limits = null) =>
        new(policy.Fields, policy.Rules, Guid.Empty, limits);

    static string Key(CorrelationHit hit) => string.Join('/', hit.Key.Select(k => k.Value));

    static long CountOf(Policy policy, CorrelationHit hit) =>
        PatternOf(policy, hit.RuleName) is Pattern.Aggregate or Pattern.AnyOrder or Pattern.Unusual
            ? hit.Count
            : 0;

    static bool Waits(Policy policy, string rule) =>
        policy
            .Rules.Single(r => r.Name == rule)
            .With(policy.Rules)
            .Any(r => r.Pattern is Pattern.Sequence { Steps: [.., { Absent: true }] });

    static Pattern PatternOf(Policy policy, string rule) =>
        policy.Rules.Single(r => r.Name == rule).Pattern;

    static string[] Json(IEnumerable<CorrelationHit> hits) =>
        [.. hits.Select(h => JsonSerializer.Serialize(h))];
}
