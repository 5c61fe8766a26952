using Sentinel.Policies.Model;
using Sentinel.Siem.Detection;
using Sentinel.Siem.Explain;

namespace Sentinel.Tests.Siem;

/// <summary>Why rules fired on files, and why one did not.</summary>
public sealed class ExplainFilesTests : IDisposable
{
    const string Policy = """
        source some.gate
          accepts text
          timestamp as iso8601
          line "refused {user:word} at {gate:word}"
            is access.refused severity 3
          otherwise is other.unparsed

        rule guessing
          severity high
          let refused = event access.refused where gate != north and user != "root"
          aggregate refused by user within 2m
            having count(refused) >= 3
          confidence 50
            + 10 per refused beyond 3
          raises guessing "{user} guessed"
          once per user in 1h
        """;

    readonly string file = Path.Combine(Directory.CreateTempSubdirectory().FullName, "gate.log");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);

    [Fact]
    public void A_hit_tells_its_rule_key_window_events_predicates_reasons_and_what_it_keeps_down()
    {
        Write(
            "2026-11-23T08:00:00Z refused amy at south",
            "2026-11-23T08:00:30Z refused amy at north",
            "2026-11-23T08:01:00Z refused amy at south",
            "2026-11-23T08:01:30Z refused amy at east",
            "2026-11-23T08:01:40Z refused amy at west"
        );

        var explained = Assert.Single(
            Assert
                .IsType<ExplainFilesOutcome.Explained>(
                    new ExplainFiles(TimeProvider.System).Hits(
                        Request,
                        null,
                        TestContext.Current.CancellationToken
                    )
                )
                .Hits
        );

        Assert.Equal("guessing", explained.Hit.RuleName);
        Assert.Equal("some.sentinel", explained.RulePath);
        Assert.Equal("within 2m", explained.Window);
        Assert.Equal(["50 base"], explained.Hit.Reasons);
        var step = Assert.Single(explained.Steps);
        Assert.Equal("refused", step.Selection);
        Assert.Equal([1, 3, 4], step.Events.Select(e => e.Line));
        Assert.Equal(
            [
                "gate == north did not hold: gate is 'south'",
                "user == \"root\" did not hold: user is 'amy'",
                "by user held: user is 'amy'",
            ],
            step.Events[0].Predicates.Select(p => p.Said)
        );
        Assert.Equal(5, Assert.Single(explained.Suppressed).Events[^1].Line);
    }

    [Fact]
    public void The_predicate_that_kept_a_rule_from_firing_is_named_with_its_value()
    {
        Write("2026-11-23T08:00:00Z refused amy at north");

        var not = Not(1);

        var selection = Assert.Single(not.Selections);
        Assert.False(selection.Takes);
        Assert.Equal(
            ["gate is 'north'"],
            selection.Predicates.SelectMany(p => p.Values).Select(v => v.Said)
        );
        Assert.Empty(not.Shortfall);
    }

    [Fact]
    public void Where_all_predicates_hold_it_says_how_far_the_key_came()
    {
        Write(
            "2026-11-23T08:00:00Z refused amy at south",
            "2026-11-23T08:00:10Z refused bob at south",
            "2026-11-23T08:00:20Z refused bob at south",
            "2026-11-23T08:01:00Z refused amy at south",
            "2026-11-23T08:03:00Z refused amy at south"
        );

        var not = Not(4);

        Assert.True(Assert.Single(not.Selections).Takes);
        Assert.Equal([KeyValuePair.Create("user", "amy")], not.Key);
        Assert.Equal(["count(refused) >= 3 was not reached: at most 2 within 2m"], not.Shortfall);
    }

    [Fact]
    public void A_rule_that_did_fire_with_the_event_says_so()
    {
        Write(
            "2026-11-23T08:00:00Z refused amy at south",
            "2026-11-23T08:00:10Z refused amy at south",
            "2026-11-23T08:00:20Z refused amy at south"
        );

        Assert.Single(Not(2).Hits);
        Assert.Empty(Not(2).Shortfall);
    }

    [Fact]
    public void What_is_no_event_says_why()
    {
        Write("2026-11-23T08:00:00Z something else");

        Assert.NotNull(Not(1).Unread);
    }

    [Theory]
    [InlineData("guesing", 1, "There is no rule guesing")]
    [InlineData("guessing", 7, "No record of")]
    public void What_is_not_there_is_refused_in_words(string rule, long line, string sentence)
    {
        Write("2026-11-23T08:00:00Z refused amy at south");

        var refused = Assert.IsType<ExplainFilesOutcome.Refused>(
            new ExplainFiles(TimeProvider.System).Not(Request, rule, file, line)
        );

        Assert.StartsWith(sentence, refused.Reason);
    }

    DetectRequest Request =>
        new()
        {
            Files = [file],
            Shipped = [],
            Policies = [new PolicyText("some.sentinel", Policy)],
        };

    NotExplanation Not(long line) =>
        Assert
            .IsType<ExplainFilesOutcome.NotFired>(
                new ExplainFiles(TimeProvider.System).Not(Request, "guessing", file, line)
            )
            .Explanation;

    void Write(params string[] lines) => File.WriteAllLines(file, lines);
}
