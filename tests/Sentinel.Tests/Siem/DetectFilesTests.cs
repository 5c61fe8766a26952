using System.Text.Json;
using Sentinel.Policies.Model;
using Sentinel.Siem.Detection;
using Sentinel.Tests.House;

namespace Sentinel.Tests.Siem;

public sealed class DetectFilesTests : IDisposable
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("sentinel-detect-");

    [Fact]
    public void The_order_of_files_changes_nothing_and_the_same_content_counts_once()
    {
        var one = Write("one.log", 0, 3, 6, 9, 12);
        var two = Write("two.log", 1, 4, 7, 10, 13);
        var same = Write("three.log", 0, 3, 6, 9, 12);

        var forth = Detect(one, two, same);
        var back = Detect(same, two, one);

        Assert.Equal(forth.Hits.Select(DetectJson.Line), back.Hits.Select(DetectJson.Line));
        Assert.Equal((15, 10, 5), Numbers(forth.Summary));
        var hit = Assert.Single(forth.Hits);
        Assert.Equal("ssh_password_guessing", hit.Hit.RuleName);
        Assert.Equal(10, hit.Hit.Count);
        Assert.Equal(2, hit.Hit.Events.Select(e => e.InputKey).Distinct().Count());
    }

    [Fact]
    public void An_event_later_than_its_source_allows_is_counted_as_late()
    {
        var summary = Detect(Write("one.log", 0, 600, 1, 590)).Summary;

        Assert.Equal((4, 4, 0), Numbers(summary));
        Assert.Equal(1, summary.Late);
    }

    [Fact]
    public void One_line_from_the_future_makes_no_other_line_late()
    {
        int[] seconds = [0, 3, 40_000_000, .. Enumerable.Range(4, 10)];

        var detected = Detect(Write("one.log", seconds));

        Assert.Equal(0, detected.Summary.Late);
        Assert.Equal(10, Assert.Single(detected.Hits).Hit.Count);
    }

    [Fact]
    public void A_file_that_was_quiet_for_days_goes_on()
    {
        var days = Detect(Write("one.log", 0, 1, 400_000, 400_001, 2, 400_002)).Summary;

        Assert.Equal(1, days.Late);
    }

    [Fact]
    public void A_hit_and_the_summary_print_the_words_that_scripts_rely_on()
    {
        var detected = Detect(Write("one.log", [.. Enumerable.Range(0, 12)]));

        using var hit = JsonDocument.Parse(DetectJson.Line(Assert.Single(detected.Hits)));
        Assert.Equal(
            "198.51.100.9",
            hit.RootElement.GetProperty("key").GetProperty("source_ip").GetString()
        );
        Assert.Equal("2026-11-23T12:00:09Z", hit.RootElement.GetProperty("last").GetString());
        Assert.Equal(2, hit.RootElement.GetProperty("suppressed").GetInt32());
        Assert.Equal(1, hit.RootElement.GetProperty("events")[0].GetProperty("line").GetInt32());
        using var summary = JsonDocument.Parse(DetectJson.Line(detected.Summary));
        string[] words =
        [
            "events",
            "normalised",
            "unparsed",
            "duplicates",
            "late",
            "rules",
            "hits",
        ];
        Assert.All(words, w => Assert.True(summary.RootElement.TryGetProperty(w, out _)));
    }

    [Fact]
    public void Policies_of_ones_own_replace_the_shipped_rules_and_use_the_shipped_sources()
    {
        PolicyText own = new(
            "own.sentinel",
            """
            rule own
              "Each"
              severity 2
              let failed = event auth.login_failed
              each failed
              confidence 50
              raises own_finding "{failed.user}"
            """
        );

        var detected = Detect([own], Write("one.log", 0, 1));

        Assert.Equal(["own", "own"], detected.Hits.Select(h => h.Hit.RuleName));
        Assert.Equal(1, detected.Summary.Rules);
        Assert.All(detected.Hits, h => Assert.Empty(h.Hit.Key));
    }

    [Fact]
    public void A_missing_file_and_bad_policies_are_refused_with_a_sentence()
    {
        var missing = Run(null, Path.Combine(folder.FullName, "none.log"));
        var bad = Run([new("bad.sentinel", "rule")], Write("one.log", 0));

        Assert.Contains("none.log", Assert.IsType<DetectOutcome.Refused>(missing).Reason);
        Assert.NotEmpty(Assert.IsType<DetectOutcome.BadPolicies>(bad).Diagnostics);
    }

    [Fact]
    public void The_tests_inside_the_shipped_policies_pass()
    {
        var results = new TestPolicies().Run(Some.Policy([.. Shipped().Select(t => t.Text)]));

        Assert.NotEmpty(results);
        Assert.All(results, r => Assert.True(r.Passed, $"{r.Rule}: {r.Test}: {r.Instead}"));
    }

    [Fact]
    public void A_test_that_fails_says_what_happened_instead()
    {
        var policy = Some.Policy(
            """
            source some.lines
              accepts text
              line "a {user}"
                is some.a severity 1

            rule each
              "Each"
              severity 2
              let a = event some.a
              each a
              confidence 50
              raises one "{a.user}"
              test "nothing"
                at 00:00 "a amy"
                expect nothing
              test "a line of nobody's"
                at 00:00 "b amy"
                expect nothing
            """
        );

        var results = new TestPolicies().Run(policy);

        Assert.Contains("there was 1 finding: \"amy\"", results[0].Instead);
        Assert.Contains("was not read", results[1].Instead);
    }

    public void Dispose() => folder.Delete(recursive: true);

    static (long, long, long) Numbers(DetectSummary s) => (s.Events, s.Normalised, s.Duplicates);

    DetectOutcome.Detected Detect(params string[] files) => Detect(null, files);

    DetectOutcome.Detected Detect(IReadOnlyList<PolicyText>? own, params string[] files) =>
        Assert.IsType<DetectOutcome.Detected>(Run(own, files));

    static DetectOutcome Run(IReadOnlyList<PolicyText>? own, params string[] files) =>
        new DetectFiles(TimeProvider.System).Run(
            new DetectRequest
            {
                Files = files,
                Shipped = Shipped(),
                Policies = own,
            },
            TestContext.Current.CancellationToken
        );

    static IReadOnlyList<PolicyText> Shipped() =>
        [.. Repository.Files("policies", ".sentinel").Select(f => new PolicyText(f.Path, f.Text))];

    string Write(string name, params int[] seconds)
    {
        var path = Path.Combine(folder.FullName, name);
        File.WriteAllLines(
            path,
            seconds.Select(s =>
                $"{Some.Noon.AddSeconds(s):yyyy-MM-ddTHH:mm:ssZ} web-1 sshd[1]: "
                + $"Failed password for root from 198.51.100.9 port {(name == "two.log" ? 2 : 1)} ssh2"
            )
        );
        return path;
    }
}
