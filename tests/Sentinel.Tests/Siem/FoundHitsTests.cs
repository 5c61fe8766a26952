using System.Globalization;
using Sentinel.Policies;
using Sentinel.Siem.Correlation;
using Sentinel.Siem.Detection;

namespace Sentinel.Tests.Siem;

public sealed class FoundHitsTests
{
    const string Source = """
        source some.daemon
          accepts syslog where program == "daemon"
          line "refused {user} from {source_ip}"
            is auth.login_failed severity 4

        """;

    static readonly Policy policy = Some.Policy(
        Source
            + """
            rule second
              "Every refusal"
              severity 5
              let failed = event auth.login_failed
              each failed
              confidence 60
              raises refusal "{failed.user}"
            rule first
              "A refusal of root"
              severity 5
              let failed = event auth.login_failed where user == "root"
              each failed
              confidence 60
              raises root "{failed.user}"
              once per failed.source_ip in 10m
            """
    );

    [Fact]
    public void A_hit_leaves_as_soon_as_no_other_can_come_before_it()
    {
        var steps = Steps(("12:00:00", "amy"), ("12:00:01", "bob"), ("12:00:02", "amy"));

        Assert.Equal(["", "second amy 0", "second bob 0", "second amy 0"], steps);
    }

    [Fact]
    public void A_hit_waits_for_the_later_matches_that_count_on_it_and_the_others_behind_it()
    {
        var steps = Steps(
            ("12:00:00", "root"),
            ("12:05:00", "root"),
            ("12:09:59", "root"),
            ("12:10:00", "amy")
        );

        Assert.Equal(
            [
                "",
                "",
                "",
                "first root 2, second root 0, second root 0, second root 0",
                "second amy 0",
            ],
            steps
        );
    }

    /// <summary>What left after each event, and at the end: rule, message and how many later matches.</summary>
    static List<string> Steps(params (string Time, string User)[] refusals)
    {
        var taken = new List<string>();
        var found = new FoundHits(
            policy.Rules,
            all: false,
            hit =>
                taken.Add(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{hit.Hit.RuleName} {hit.Hit.Message} {hit.Suppressed}"
                    )
                )
        );
        var correlator = new Correlator(policy.Fields, policy.Rules, Guid.Empty);
        var steps = new List<string>();
        var lines = refusals.Select(r =>
            $"2026-11-23T{r.Time}Z gw daemon[1]: refused {r.User} from 198.51.100.9"
        );
        foreach (var one in Some.Events(policy, [.. lines]))
        {
            found.Add(correlator.Correlate([one]));
            Leave();
        }
        found.End();
        Leave();
        return steps;

        void Leave()
        {
            steps.Add(string.Join(", ", taken));
            taken.Clear();
        }
    }
}
