using FsCheck.Xunit;
using Sentinel.Policies.Matching;
using Sentinel.Policies.Model;

namespace Sentinel.Tests.Policies.Matching;

/// <summary>Whatever is shared, searched or left out: the answer is what asking each condition gives.</summary>
public sealed class SelectorMatcherTests
{
    [Property(Arbitrary = [typeof(Conditions)], MaxTest = 150)]
    public void Selectors_asked_together_take_what_each_takes_alone(Case asked)
    {
        var index = new SelectorIndex(asked.Selectors);
        var one = index.NewMatcher();
        var other = index.NewMatcher();
        Compare();
        // Enough of one kind of event for it to be planned for anew.
        for (var i = 0; i < 256; i++)
            Match(one, asked.Events[0]);
        Compare();

        void Compare()
        {
            foreach (var e in asked.Events)
            {
                var expected = asked
                    .Selectors.Index()
                    .Where(s => Takes(s.Item, e))
                    .Select(s => s.Index);
                Assert.Equal(expected, Match(one, e));
                Assert.Equal(expected, Match(other, e));
            }
        }
    }

    [Fact]
    public void What_a_field_must_equal_tells_selectors_apart_whatever_the_case_and_spelling()
    {
        var selectors = Enumerable
            .Range(0, 40)
            .Select(i =>
                Conditions.Selector([
                    Conditions.Equal(0, $"{i / 10}"),
                    Conditions.Equal(1, $"word{i % 10}"),
                ])
            )
            .ToList();
        var matcher = new SelectorIndex(selectors).NewMatcher();

        Assert.Equal([13], Take("1", "WORD3"));
        Assert.Equal([13], Take(" 1.0e0", "word3"));
        Assert.Equal([13], Take(1L, "word3"));
        Assert.Equal([13, 23], Take(new List<string> { "2", "x", "1" }, "word3"));
        Assert.Equal([], Take(null, "word3"));
        Assert.Equal([], Take("4", "word3"));

        int[] Take(params object?[] values) =>
            Match(matcher, new Conditions.Event("any", "any", values));
    }

    static int[] Match(SelectorMatcher matcher, Conditions.Event e) =>
        matcher.Match(e.Category, e.Type, e).ToArray();

    static bool Takes(EventSelector selector, Conditions.Event e) =>
        (selector.Category is null || selector.Category == e.Category)
        && (selector.Type is null || selector.Type == e.Type)
        && selector.Conditions.All(c => c.Holds(e));

    public sealed record Case(
        IReadOnlyList<EventSelector> Selectors,
        IReadOnlyList<Conditions.Event> Events
    );
}
