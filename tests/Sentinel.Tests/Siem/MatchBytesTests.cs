using System.Net;
using FsCheck;
using FsCheck.Xunit;
using Sentinel.Siem.Correlation;
using Sentinel.Siem.Ingestion;

namespace Sentinel.Tests.Siem;

/// <summary>What waits as bytes comes out as what went in.</summary>
public sealed class MatchBytesTests
{
    static readonly object?[] values =
    [
        null,
        "",
        "host-1",
        "é",
        "中\ud800",
        new string('v', 70_000),
        0L,
        1023L,
        long.MinValue,
        long.MaxValue,
        -0.1,
        true,
        false,
        IPAddress.Parse("192.0.2.7"),
        IPAddress.Parse("2001:db8::7"),
        Some.Noon.AddTicks(7),
        new[] { "a", "ö", "\udfff" },
        Array.Empty<string>(),
    ];

    [Property(MaxTest = 50)]
    public void Matches_come_out_in_order_as_they_went_in(NonNegativeInt[] steps)
    {
        var bytes = new MatchBytes();
        var expected = new Queue<RuleMatch>();
        foreach (var step in steps.SelectMany(step => Enumerable.Repeat(step.Get, 7)))
        {
            var match = Match(step + expected.Count);
            bytes.Enqueue(match);
            expected.Enqueue(match);
            if (step % 3 == 0)
                AssertSame(expected.Dequeue(), bytes.Dequeue());
            Assert.Equal(expected.Count, bytes.Count);
        }
        while (expected.TryDequeue(out var match))
            AssertSame(match, bytes.Dequeue());
        Assert.Equal(0, bytes.Count);
    }

    static RuleMatch Match(int n)
    {
        RecordPositions positions = n % 2 == 0 ? new KnownPosition(Digest.Of([1, 2])) : new Fixed();
        var time = Some.Noon.AddTicks(n % 5 == 0 ? -n : n);
        var held = new HeldEvent(
            new(
                new EventOrder(time, $"input {n % 3}", n, positions),
                new HeldOrigin(Guid.Empty, new Guid(n % 2, 0, 0, new byte[8]), n % 4),
                Some.Noon,
                n * 3L,
                n % 6 + 1,
                n % 7 == 0 ? new Guid(n, 1, 2, new byte[8]) : null,
                n % 11 == 0
            ),
            new([values[n % values.Length], values[(n + 5) % values.Length]])
        );
        string[] parts = [.. Enumerable.Range(0, n % 3).Select(i => $"part {i}\ud800{n}")];
        return new RuleMatch(n % 4, n % 3, RuleKey.Of(parts), held, n % 2 == 1);
    }

    static void AssertSame(RuleMatch expected, RuleMatch found)
    {
        var (one, other) = (expected.Event, found.Event);
        Assert.Equal((expected.Rule, expected.Selector), (found.Rule, found.Selector));
        Assert.Equal((expected.More, expected.Key.Text), (found.More, found.Key.Text));
        Assert.Equal(expected.Key.Parts, found.Key.Parts);
        Assert.Equal(
            (one.Order, one.Head.Origin, one.KeyTime, one.Line),
            (other.Order, other.Head.Origin, other.KeyTime, other.Line)
        );
        Assert.Equal((one.Weight, one.Head.AssetId), (other.Weight, other.Head.AssetId));
        Assert.Equal((one.Late, one[0], one[1]), (other.Late, other[0], other[1]), new Values());
    }

    sealed class Values : IEqualityComparer<(bool, object?, object?)>
    {
        public bool Equals((bool, object?, object?) a, (bool, object?, object?) b) =>
            a.Item1 == b.Item1 && Same(a.Item2, b.Item2) && Same(a.Item3, b.Item3);

        static bool Same(object? a, object? b) =>
            a is string[] one && b is string[] other ? one.SequenceEqual(other) : Equals(a, b);

        public int GetHashCode((bool, object?, object?) of) => of.Item1.GetHashCode();
    }

    sealed class Fixed : RecordPositions
    {
        public override Digest Of(long index) => Digest.Of(BitConverter.GetBytes(index));

        public override bool Equals(object? obj) => obj is Fixed;

        public override int GetHashCode() => 1;
    }
}
