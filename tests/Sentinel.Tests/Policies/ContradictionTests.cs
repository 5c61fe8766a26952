using FsCheck;
using FsCheck.Xunit;

namespace Sentinel.Tests.Policies;

public sealed class ContradictionTests
{
    [Theory]
    [InlineData("number > 5 and number < 3", true)]
    [InlineData("number > 5 and number < 6", true)]
    [InlineData("number >= 5 and number < 6", false)]
    [InlineData("size > 5 and size < 6", false)]
    [InlineData("size > 5 and size <= 5", true)]
    [InlineData("number == 1 and number == 2", true)]
    [InlineData("number in (1, 2) and number in (2, 3)", false)]
    [InlineData("number in (1, 2) and number in (3, 4)", true)]
    [InlineData("(number == 1 or number == 2) and not number < 3", true)]
    [InlineData("number > 5 and not number exists", true)]
    [InlineData("not number > 5 and not number exists", false)]
    [InlineData("user == a and user == b", true)]
    [InlineData("user == a and user == A", false)]
    [InlineData("user == a and (host == x and user == b)", true)]
    [InlineData("user == a and user cased == A", false)]
    [InlineData("user == amy and user startswith a", false)]
    [InlineData("user == amy and user startswith b", true)]
    [InlineData("user in (amy, bob) and user not in (bob, amy)", true)]
    [InlineData("user contains a and user contains b", false)]
    [InlineData("user == a or user == b", false)]
    [InlineData("user == a and host == b", false)]
    [InlineData("clock_drift == true and clock_drift == false", true)]
    [InlineData("tags contains a and tags contains b", false)]
    public void What_no_event_can_be_is_a_warning(string where, bool never) =>
        Assert.Equal(never, IsNever(where));

    [Property(MaxTest = 100)]
    public void It_is_said_exactly_where_no_number_fits(NonNegativeInt[] draws)
    {
        string[] comparisons = ["==", "<", "<=", ">", ">="];
        List<(string Text, Func<long?, bool> Holds)> asked = [];
        foreach (var draw in draws.Take(5))
        {
            var (comparison, limit) = (draw.Get % 5, draw.Get / 5 % 4);
            var not = draw.Get / 20 % 3 == 0;
            asked.Add(
                (
                    $"{(not ? "not " : "")}number {comparisons[comparison]} {limit}",
                    n => not != (n is { } value && Compare(value, comparison, limit))
                )
            );
        }
        if (asked.Count == 0)
            return;
        var values = Enumerable.Range(-2, 9).Select(n => (long?)n).Append(null);

        var never = IsNever(string.Join(" and ", asked.Select(one => one.Text)));

        Assert.Equal(!values.Any(value => asked.All(one => one.Holds(value))), never);
    }

    static bool Compare(long value, int comparison, long limit) =>
        comparison switch
        {
            0 => value == limit,
            1 => value < limit,
            2 => value <= limit,
            3 => value > limit,
            _ => value >= limit,
        };

    static bool IsNever(string where)
    {
        var diagnostics = Some.Diagnostics(
            $$"""
            source some.log
              accepts text
              line "{user:word} {host:word} {number:int} {size:number}"
                is some.one severity 1

            rule a
              severity 5
              let one = event some.one where {{where}}
              each one
              confidence 50
              raises some "one"
            """
        );
        Assert.All(diagnostics, d => Assert.Equal("POL120", d.Code));
        Assert.All(diagnostics, d => Assert.True(d.IsWarning));
        return diagnostics.Count > 0;
    }
}
