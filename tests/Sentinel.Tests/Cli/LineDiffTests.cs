using FsCheck.Xunit;
using Sentinel.Cli.Output;

namespace Sentinel.Tests.Cli;

public sealed class LineDiffTests
{
    [Property(MaxTest = 200)]
    public void Both_texts_can_be_read_from_it(byte[] before, byte[] after)
    {
        var (old, now) = (Text(before), Text(after));

        var lines = LineDiff.Of(old, now);

        Assert.Equal(old, string.Join('\n', lines.Where(l => l[0] != '+').Select(l => l[1..])));
        Assert.Equal(now, string.Join('\n', lines.Where(l => l[0] != '-').Select(l => l[1..])));
    }

    [Fact]
    public void Changes_stand_with_what_is_around_them() =>
        Assert.Equal(
            ["…", " c", " d", " e", "-f", "+F", " g", " h", " i", "…"],
            LineDiff.Changes(
                LineDiff.Of("a\nb\nc\nd\ne\nf\ng\nh\ni\nj", "a\nb\nc\nd\ne\nF\ng\nh\ni\nj")
            )
        );

    [Fact]
    public void Two_large_texts_that_differ_everywhere_take_no_time_and_are_still_whole()
    {
        var (old, now) = (
            string.Concat(Enumerable.Repeat("\na", 30_000)),
            new string('\n', 30_000)
        );

        var lines = LineDiff.Of(old, now);

        Assert.Equal(old, string.Join('\n', lines.Where(l => l[0] != '+').Select(l => l[1..])));
        Assert.Equal(now, string.Join('\n', lines.Where(l => l[0] != '-').Select(l => l[1..])));
    }

    static string Text(byte[] lines) => string.Join('\n', lines.Select(b => "abc"[b % 3]));
}
