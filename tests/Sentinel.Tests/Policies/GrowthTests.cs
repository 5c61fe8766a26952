using Sentinel.Policies;
using Sentinel.Policies.Model;

namespace Sentinel.Tests.Policies;

/// <summary>
/// What a text costs grows with its length, not with its square: counted in bytes allocated, since they do
/// not depend on what else the machine does.
/// </summary>
public sealed class GrowthTests
{
    const int Times = 4;

    [Theory]
    [InlineData("rule a\n  let b = event any where user == a", " and user == a", 300)]
    [InlineData(
        "rule a\n  let b = event any where user == a",
        " or (user == a and not host == b)",
        150
    )]
    [InlineData("rule a\n  let b = event any where user in (a", ", \"b c\"", 1_000)]
    [InlineData("rule a\n  sequence by user within 5m b", " then c at least 2 times", 300)]
    [InlineData("rule a\n  confidence 5", " + 2 per failed beyond 10, at most 20", 150)]
    [InlineData("rule a\n  test \"b\"", " at 00:00 \"c\" 2 times", 300)]
    [InlineData("rule a\n  severity 3", "\n  let b = event c.d where user == e", 150)]
    [InlineData("list a : word", "\n  b until 2027-01-31 # why", 300)]
    [InlineData("source a\n  accepts kv", "\n  when b == c is d.e severity 1 f = g h:int = i", 150)]
    [InlineData("source a\n  accepts text\n  line '{b}", "[ {c} \\[x\\]]", 300)]
    [InlineData("# a", "\n# b\n\n", 1_000)]
    [InlineData("", "rule a\n", 500)]
    public void Twice_the_text_costs_about_twice(string start, string more, int count)
    {
        var small = Text(start, more, count);
        var large = Text(start, more, count * Times);
        Assert.True(large.Length < 64 * 1024, "The larger text is refused for its length.");
        // The first time pays for what is made once.
        Cost(small);

        var (least, most) = (Cost(small), Cost(large));

        Assert.True(most < least * Times * 2, $"{least} bytes became {most}");
    }

    static string Text(string start, string more, int count)
    {
        var text = start + string.Concat(Enumerable.Repeat(more, count));
        return text.Count(c => c == '(') > text.Count(c => c == ')') ? text + ")\n"
            : text.Count(c => c == '\'') % 2 == 1 ? text + "'\n    is x.y severity 1\n"
            : text + "\n";
    }

    static long Cost(string text)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Policy.Load([new PolicyText("some.sentinel", text)], EventFields.CreateTable());
        PolicyFormat.Of(new PolicyText("some.sentinel", text));
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
