using System.Globalization;
using Sentinel.Policies;
using Sentinel.Siem.Correlation;

namespace Sentinel.Tests.Siem;

public sealed class CorrelatorTests
{
    const string Source = """
        source some.daemon
          accepts syslog where program == "daemon"
          silent after 10m
          line "refused {user} from {source_ip}"
            is auth.login_failed severity 4
          line "took {user} from {source_ip}"
            is auth.login_succeeded severity 1

        """;

    static readonly Policy guessing = Some.Policy(
        Source
            + """
            rule guessing
              "Many, then one"
              severity 7
              let failed = event auth.login_failed
              let login = event auth.login_succeeded
              sequence by source_ip within 10m
                failed at least 3 times within 1m
                then login within 1m
              confidence 60
                + 5 per failed beyond 3, at most 8
                + 15 when distinct(failed.user) >= 3
                - 30 when any event has clock_drift
              raises brute_force "{count(failed)} from {source_ip}, then {login.user} on {login.asset}"
              once per source_ip in 1h
            """
    );

    static readonly Policy counting = Some.Policy(
        Source
            + """
            rule counting
              "Many"
              severity 5
              let failed = event auth.login_failed
              aggregate failed by source_ip within 1m
                having count(failed) >= 3
              confidence 60
              raises many "{count(failed)}"
              once per source_ip in 1h
            """
    );

    [Fact]
    public void A_hit_explains_itself()
    {
        var hit = Assert.Single(
            Some.Hits(
                guessing,
                At(0, "refused amy"),
                At(10, "refused bob"),
                At(20, "message repeated 3 times: [ refused eve from 192.0.2.7]"),
                At(30, "took amy")
            )
        );

        Assert.Equal(
            ["60 base", "8 failed beyond 3", "15 when distinct(failed.user) >= 3"],
            hit.Reasons
        );
        Assert.Equal((83, 7, "brute_force"), (hit.Confidence, hit.Severity, hit.FindingType));
        Assert.Equal("5 from 192.0.2.7, then amy on web-1", hit.Message);
        Assert.Equal([KeyValuePair.Create("source_ip", "192.0.2.7")], hit.Key);
        Assert.Equal((0, 30, 6), (Second(hit.First), Second(hit.Last), hit.Count));
        Assert.Equal([1L, 2L, 3L, 4L], hit.Events.Select(e => e.Line));
        Assert.Equal(["failed", "login"], hit.Steps.Select(s => s.Selector));
        Assert.Equal("amy", hit.Fields["user"]);
    }

    [Theory]
    [InlineData(59, 1)]
    [InlineData(60, 0)]
    public void A_window_ends_just_before_its_length(int last, int hits)
    {
        var found = Some.Hits(
            counting,
            At(0, "refused a"),
            At(9, "refused b"),
            At(last, "refused c")
        );

        Assert.Equal(hits, found.Count);
    }

    [Fact]
    public void A_step_is_measured_from_the_latest_event_at_which_the_one_before_still_held()
    {
        string[] lines =
        [
            .. Enumerable.Range(0, 10).Select(i => At(i * 20, "refused amy")),
            At(239, "took amy"),
        ];

        Assert.Single(Some.Hits(guessing, lines));
    }

    [Fact]
    public void Later_matches_are_counted_on_the_finding_that_the_first_raised()
    {
        var hits = Some.Hits(
            counting,
            [.. Enumerable.Range(0, 6).Select(i => At(i, "refused amy"))]
        );

        Assert.Equal([false, true, true, true], hits.Select(h => h.Suppressed));
        Assert.Single(hits.Select(h => h.FindingId).Distinct());
        Assert.Equal(4, hits.Select(h => h.Id).Distinct().Count());
    }

    [Fact]
    public void At_its_limit_a_rule_keeps_the_newest_keys_and_says_that_it_forgot()
    {
        var limits = new CorrelatorLimits { KeysMax = 2 };
        var correlator = new Correlator(counting.Fields, counting.Rules, Guid.Empty, limits);
        string[] lines =
        [
            At(0, "refused a", "192.0.2.1"),
            At(1, "refused a", "192.0.2.2"),
            At(2, "refused a", "192.0.2.3"),
            At(3, "refused a", "192.0.2.3"),
            At(4, "refused a", "192.0.2.3"),
        ];

        var hits = correlator.Correlate(Some.Events(counting, lines));

        Assert.Equal(["correlation_limit", "many"], hits.Select(h => h.FindingType));
        Assert.Equal(1, correlator.Dropped);
    }

    [Fact]
    public void A_source_that_falls_silent_is_a_finding_of_its_own_and_only_once()
    {
        var live = new LiveCorrelator(counting.Fields, counting.Rules, Guid.Empty);
        live.Correlate(Some.Events(counting, [At(0, "refused a")], "one", live: true));

        var early = live.Advance(Some.Noon.AddMinutes(9)).Changes;
        var silent = live.Advance(Some.Noon.AddMinutes(10)).Changes;
        var later = live.Advance(Some.Noon.AddMinutes(30)).Changes;

        Assert.Empty(early);
        var hit = Assert.IsType<HitChange.Final>(Assert.Single(silent)).Hit;
        Assert.Equal("source_silent", hit.FindingType);
        Assert.Equal(OperationalRules.Text.Sha256, hit.PolicySha256);
        Assert.Empty(later);
    }

    [Fact]
    public void A_clock_that_drifts_is_a_finding_of_its_own()
    {
        var live = new LiveCorrelator(counting.Fields, counting.Rules, Guid.Empty);
        // Six minutes ahead of its receipt at noon.
        var events = Some.Events(counting, [At(360, "refused a")], "one", live: true);

        var hit = Assert.IsType<HitChange.Provisional>(
            Assert.Single(live.Correlate(events).Changes)
        );

        Assert.Equal("clock_drift", hit.Hit.FindingType);
        Assert.Equal("web-1", hit.Hit.Fields["host"]);
    }

    [Fact]
    public void A_live_clock_that_is_ahead_makes_no_other_event_late()
    {
        var live = new LiveCorrelator(counting.Fields, counting.Rules, Guid.Empty);
        // All received at noon; the first says that it is twenty hours later.
        string[] lines =
        [
            At(72_000, "refused a", "192.0.2.9"),
            At(0, "refused a"),
            At(-1, "refused a"),
        ];

        var outcome = live.Correlate(Some.Events(counting, lines, "one", live: true));

        Assert.Empty(outcome.Late);
    }

    [Fact]
    public void A_late_event_that_cannot_be_put_in_its_place_is_listed_and_its_hit_stands()
    {
        var limits = new CorrelatorLimits { RebuildMinutesMax = 5 };
        var live = new LiveCorrelator(counting.Fields, counting.Rules, Guid.Empty, limits);
        live.Correlate(Some.Events(counting, [At(600, "refused a", "192.0.2.9")], "one"));
        var events = Some.Events(
            counting,
            [At(0, "refused a"), At(1, "refused a"), At(2, "refused a")],
            "two"
        );

        var outcome = live.Correlate(events);
        var end = live.Finish();

        Assert.Equal(3, outcome.Late.Count);
        var hit = Assert.IsType<HitChange.Provisional>(Assert.Single(outcome.Changes)).Hit;
        Assert.True(hit.IncludesLate);
        Assert.Empty(end.Changes);
    }

    [Fact]
    public void A_late_event_that_completes_a_match_is_a_final_hit_with_all_that_it_says()
    {
        var live = new LiveCorrelator(counting.Fields, counting.Rules, Guid.Empty);
        live.Correlate(
            Some.Events(
                counting,
                [At(0, "refused a"), At(2, "refused a"), At(600, "refused a", "192.0.2.9")],
                "one"
            )
        );

        var outcome = live.Correlate(Some.Events(counting, [At(1, "refused a")], "two"));

        Assert.Empty(outcome.Late);
        var hit = Assert.IsType<HitChange.Final>(Assert.Single(outcome.Changes)).Hit;
        Assert.Equal((3, 2, false), (hit.Count, Second(hit.Last), hit.IncludesLate));
        Assert.Empty(live.Finish().Changes);
    }

    static int Second(DateTimeOffset time) => (int)(time - Some.Noon).TotalSeconds;

    static string At(int second, string message, string address = "192.0.2.7")
    {
        var time = Some.Noon.AddSeconds(second);
        var said = message.EndsWith(']') ? message : $"{message} from {address}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{time:yyyy-MM-ddTHH:mm:ssZ} web-1 daemon[1]: {said}"
        );
    }
}
