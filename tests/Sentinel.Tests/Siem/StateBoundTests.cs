using System.Text;
using FsCheck.Xunit;
using Sentinel.Siem.Correlation;

namespace Sentinel.Tests.Siem;

public sealed class StateBoundTests
{
    // Each held event names its input once.
    const string Input = "the-only-input";

    static readonly CorrelatorLimits limits = new() { KeysMax = 5, EventsPerKeyMax = 4 };

    [Property(MaxTest = 30, Arbitrary = [typeof(RandomRules)])]
    public void No_rule_remembers_more_than_its_bound(RandomRules rules, byte[] users)
    {
        var policy = Some.Policy(rules.Text);
        var lines = users.Select(
            (user, i) =>
                $"{Some.Noon.AddSeconds(i / 2):yyyy-MM-ddTHH:mm:ssZ} {"abc"[user % 3]} u{user % 9} {user}"
        );
        var events = Some.Events(policy, [.. lines], Input);

        foreach (var rule in policy.Rules.Where(rule => !rule.Pattern.TakesHits))
        {
            var correlator = new Correlator(policy.Fields, [rule], Guid.Empty, limits);
            correlator.Correlate(events);

            var bound = StateBound.Of(rule, policy.Fields, limits);

            Assert.InRange(EventsIn(correlator), 0, bound.Keys * bound.EventsPerKey);
            // A rule without state still writes its name and the names of its values.
            Assert.InRange(correlator.Save().Length, 0, bound.Bytes + 1_000);
        }
    }

    [Theory]
    [InlineData("aggregate a by user within 1h having count(a) >= 99", 4)]
    [InlineData("aggregate a by user hopping within 60s every 60s having count(a) >= 99", 4)]
    [InlineData("aggregate a by user hopping within 60s every 25s having count(a) >= 99", 12)]
    [InlineData("aggregate a by user hopping within 60s every 6s having count(a) >= 99", 40)]
    [InlineData("aggregate a by user session within 1h at most 2h having count(a) >= 99", 4)]
    [InlineData("all of a, b at least 99 times by user within 1h", 8)]
    [InlineData("unusual a by user per 1h over 3h having count(a) > average + 9 deviations", 4)]
    [InlineData("sequence by user within 1h\n    a at least 2 times\n    then b", 6)]
    [InlineData("sequence by user within 1h\n    a\n    then b\n    then a at least 99 times", 14)]
    [InlineData("sequence by user within 1h\n    a\n    then b at least 99 times", 8)]
    public void In_the_worst_stream_a_rule_remembers_just_its_bound(string pattern, int events)
    {
        var asksForB = pattern.Split([' ', '\n']).Contains("b");
        var policy = Some.Policy(
            Streams.Source
                + $"""
                rule worst
                  severity 3
                  let a = event some.a
                  {(asksForB ? "let b = event some.b" : "")}
                  {pattern}
                  confidence 50
                  raises some "some"
                """.Replace("  \n", "", StringComparison.Ordinal)
        );
        // Densely, for more keys than there may be; ends where the most windows are open.
        var lines = Enumerable
            .Range(0, 58 * 8)
            .SelectMany(i => "ab".Select(kind => Line(kind, i * 125, i < 8 ? i : 3 + i % 5)));
        var correlator = new Correlator(policy.Fields, policy.Rules, Guid.Empty, limits);

        var hits = correlator.Correlate(Some.Events(policy, [.. lines], Input));

        var bound = StateBound.Of(policy.Rules[0], policy.Fields, limits);
        Assert.Equal((limits.KeysMax, events), (bound.Keys, bound.EventsPerKey));
        // A chain may hold fewer than it could, where one event completes several.
        var most = bound.Keys * bound.EventsPerKey;
        Assert.InRange(EventsIn(correlator), most * 2 / 3, most);
        Assert.True(correlator.Dropped > 0);
        Assert.Contains(hits, hit => hit.RuleName == "correlation_limit");
    }

    [Theory]
    [InlineData("first a.number by user within 1h")]
    [InlineData("rare a.number by user within 1h at most 3 times")]
    public void Of_what_is_new_as_many_keys_and_values_are_remembered_as_keys_may_be(string pattern)
    {
        var policy = Some.Policy(
            Streams.Source
                + $"""
                rule worst
                  severity 3
                  let a = event some.a
                  {pattern}
                  confidence 50
                  raises some "some"
                """
        );
        var lines = Enumerable.Range(0, 100).Select(i => Line('a', i * 100, i % 8));
        var correlator = new Correlator(policy.Fields, policy.Rules, Guid.Empty, limits);

        var hits = correlator.Correlate(Some.Events(policy, [.. lines], Input));

        // The newest keys are kept, once as keys and once with a value.
        Assert.Equal(2 * limits.KeysMax, Count(correlator, "some-user-"));
        Assert.Equal(2, Count(correlator, $"some-user-{99 % 8}"));
        Assert.True(correlator.Dropped > 0);
        Assert.Contains(hits, hit => hit.RuleName == "correlation_limit");
        var bound = StateBound.Of(policy.Rules[0], policy.Fields, limits);
        Assert.InRange(correlator.Save().Length, 0, bound.Bytes + 1_000);
    }

    static string Line(char kind, int milliseconds, int user)
    {
        var time = Some.Noon.AddMilliseconds(milliseconds);
        return $"{time:yyyy-MM-ddTHH:mm:ss.fffZ} {kind} some-user-{user} {user}";
    }

    static long EventsIn(Correlator correlator) => Count(correlator, Input);

    static long Count(Correlator correlator, string text)
    {
        var saved = correlator.Save().AsSpan();
        var wanted = Encoding.UTF8.GetBytes(text);
        var count = 0;
        for (int at; (at = saved.IndexOf(wanted)) >= 0; saved = saved[(at + wanted.Length)..])
            count++;
        return count;
    }
}
