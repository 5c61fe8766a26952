using Sentinel.Siem.Detection;

namespace Sentinel.Tests.Siem;

/// <summary>What a person reads when a test inside a policy fails.</summary>
public sealed class TestPoliciesTests
{
    const string Policy = """
        source some.gate
          accepts text
          line "refused {user:word} at {gate:word}"
            is access.refused severity 3
          line "opened {user:word} at {gate:word}"
            is access.opened severity 1

        rule guessing
          severity high
          let refused = event access.refused where not (gate == north or gate startswith "test")
          let opened  = event access.opened where user exists
          sequence by user within 10m
            refused at least 5 times within 2m
            then opened within 1m
          confidence 50
            + 5 per refused beyond 5, at most 20
            + 10 when distinct(refused.gate) >= 2
          raises guessing "{user} came in"
          once per user in 1h
        """;

    [Theory]
    [InlineData("expect 2 findings with severity >= high, count == 6", null)]
    [InlineData("expect 2 findings with count == 5", "The count was 6.")]
    [InlineData("expect 2 findings with key user == amy", "The key user was 'bob'.")]
    [InlineData(
        "expect 1 finding with key user == amy, first at 00:00, last at 01:00\n"
            + "    expect 1 finding with key user != amy, first at 00:05",
        null
    )]
    [InlineData(
        "expect 1 finding with key user == amy\n    expect 1 finding with last at 01:00",
        "Nothing expected the finding \"bob came in\"."
    )]
    [InlineData(
        "expect 2 findings with key user == amy\n    expect 1 finding with key user == bob",
        "It expected 2 findings with key user == 'amy' and there was 1 finding: \"amy came in\"."
    )]
    [InlineData("expect 2 findings with last at 01:00", "The last event was at 01:05.")]
    public void What_findings_have_is_expected_too(string expect, string? instead)
    {
        Story(
            $"""
              test "two of them"
                at 00:00 "refused amy at south" 5 times every 10s
                at 00:05 "refused bob at south" 5 times every 10s
                at 01:00 "opened amy at south"
                at 01:05 "opened bob at south"
                {expect}
            """,
            out var said
        );

        Assert.Equal(instead, said);
    }

    [Fact]
    public void A_sample_comes_at_its_own_times_and_what_nobody_reads_in_it_is_left_out()
    {
        const string sample = """
            2026-03-01T10:00:00Z refused amy at south
            2026-03-01T10:00:10Z refused amy at south
            something that nobody reads
            2026-03-01T10:00:20Z refused amy at south
            2026-03-01T10:00:30Z refused amy at south
            2026-03-01T10:00:40Z refused amy at south
            """;
        const string test = """

              test "a night" from file "samples/gate.log"
                at 01:00 "opened amy at south"
                expect 1 finding with first at 00:00, last at 01:00
            """;
        var policy = Some.Policy(
            Policy.Replace("accepts text", "accepts text\n  timestamp as iso8601") + test
        );
        PolicyTestResult Run(ReadSample? samples) =>
            Assert.Single(new TestPolicies(samples: samples).Run(policy));

        Assert.Null(Run((_, name) => new(Bytes(name, sample), null)).Instead);
        Assert.Equal(
            "No source reads anything in the sample samples/gate.log.",
            Run((_, name) => new(Bytes(name, "nothing\n"), null)).Instead
        );
        Assert.Equal(
            "The sample samples/gate.log has more than 10000 records.",
            Run(
                (_, name) => new(Bytes(name, new string('\n', 10_001).Replace("\n", "a\n")), null)
            ).Instead
        );
        Assert.StartsWith("The sample samples/gate.log is not at hand", Run(null).Instead);

        static byte[] Bytes(string name, string text) =>
            name == "samples/gate.log" ? System.Text.Encoding.UTF8.GetBytes(text) : [];
    }

    [Fact]
    public void A_step_that_is_not_reached_says_how_far_it_came()
    {
        var story = Story(
            """
              test "four"
                at 00:00 "refused amy at south" 4 times every 10s
                at 01:00 "opened amy at south"
                expect 1 finding
            """,
            out var instead
        );

        Assert.Equal("It expected 1 finding and there was no finding.", instead);
        Assert.Equal(
            [
                "refused took 4 times from 00:00 to 00:30 \"refused amy at south\"",
                "opened took at 01:00 \"opened amy at south\"",
                "refused: 4 of 5 within 2m",
            ],
            story
        );
    }

    [Fact]
    public void A_predicate_that_kept_a_line_out_is_named_with_its_value()
    {
        var story = Story(
            """
              test "the north gate"
                at 00:00 "refused amy at north" 5 times every 10s
                expect 1 finding
            """,
            out _
        );

        Assert.Equal(
            [
                "refused took no line",
                "opened took no line",
                "nothing took 00:00 \"refused amy at north\", which some.gate reads as access.refused",
                "  refused: gate == north held: gate is 'north'",
                "refused: 0 of 5 within 2m",
            ],
            story
        );
    }

    [Fact]
    public void A_step_that_came_too_late_says_so()
    {
        var story = Story(
            """
              test "late"
                at 00:00 "refused amy at south" 5 times every 10s
                at 02:00 "opened amy at south"
                expect 1 finding
            """,
            out _
        );

        Assert.Equal("opened: it came after refused, but not within 1m", story[^1]);
    }

    [Fact]
    public void What_was_found_instead_is_told_with_its_reasons()
    {
        var story = Story(
            """
              test "none"
                at 00:00 "refused amy at south" 6 times every 10s
                at 01:00 "opened amy at south" 2 times every 1s
                expect nothing
            """,
            out var instead
        );

        Assert.Equal("It expected no finding and there was 1 finding: \"amy came in\".", instead);
        Assert.Equal(
            [
                "found \"amy came in\" at 01:00, confidence 55",
                "  50 base",
                "  5 refused beyond 5",
                "  refused: 6 from 00:00 to 00:50",
                "  opened: 1 from 01:00 to 01:00",
                "'once per' counted 1 later on them",
            ],
            story.Skip(2)
        );
    }

    [Fact]
    public void Coverage_names_what_no_test_has_tried()
    {
        var report = Report(
            """
              test "five"
                at 00:00 "refused amy at south" 5 times every 10s
                at 01:00 "opened amy at south"
                expect 1 finding
            """
        );

        Assert.Equal(
            [
                "refused: gate == north was never true",
                "refused: gate startswith \"test\" was never true",
                "opened: user exists was never false",
                "confidence: 5 per refused beyond 5, at most 20 never counted",
                "confidence: 10 when distinct(refused.gate) >= 2 never counted",
            ],
            Assert.Single(report.Coverage).Gaps.Select(gap => gap.Replace("+ ", ""))
        );
    }

    static IReadOnlyList<string> Story(string test, out string? instead)
    {
        var result = Assert.Single(Report(test).Results);
        instead = result.Instead;
        return result.Story;
    }

    static PolicyTestReport Report(string test) =>
        new TestPolicies().Report(Policies.Some.Policy(Policy + "\n" + test + "\n"));
}
