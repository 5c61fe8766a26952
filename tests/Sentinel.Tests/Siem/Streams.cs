using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Sentinel.Policies;
using Sentinel.Siem.Correlation;
using Sentinel.Siem.Enrichment;

namespace Sentinel.Tests.Siem;

/// <summary>A stream of events in two inputs, close enough together to meet every boundary.</summary>
public sealed record EventStream(IReadOnlyList<StreamEvent> Events)
{
    public override string ToString() => string.Join('\n', Events);
}

/// <param name="Second">Since noon; equal ones are common.</param>
public sealed record StreamEvent(int Second, char Kind, string User, int Number, string Input);

/// <summary>Random streams, and rules of every kind over them.</summary>
public static class Streams
{
    public const string Source = """
        source some.lines
          accepts text
          timestamp as iso8601
          lateness 30s
          line "a {user:word} {number:int}"
            is some.a severity 1
          line "b {user:word} {number:int}"
            is some.b severity 1
          line "c {user:word} {number:int}"
            is some.c severity 1

        """;

    public const string Rules = """
        rule single
          "Each"
          severity 3
          let a = event some.a where number >= 3
          each a by user
          confidence 50
            + 10 when any event has number
          raises one "{user} {a.number}"
          once per user in 5s

        rule three
          "A count"
          severity 3
          let a = event some.a
          aggregate a by user within 6s
            having count(a) >= 3
          confidence 50
            + 2 per a beyond 3, at most 6
          raises many "{count(a)} of {user}"

        rule different
          "Several thresholds"
          severity 3
          let b = event some.b
          aggregate b within 8s
            having distinct(b.user) >= 2 and sum(b.number) >= 5
          confidence 50
            + 5 when max(b.number) >= 3
          raises many "{sum(b.number)} of {distinct(b.user)}"
          once in 7s

        rule ordered
          "Many, then one"
          severity 3
          let a = event some.a
          let b = event some.b
          sequence by user within 9s
            a at least 2 times within 4s
            then b within 5s
          confidence 50
            + 2 per a beyond 2
          raises order "{count(a)}, then {b.number}"
          once per user, b.number in 4s

        rule winding
          "One, then many, then one again"
          severity 3
          let a = event some.a
          let b = event some.b
          sequence within 10s
            a
            then b within 6s at least 2 times within 5s
            then a
          confidence 50
          raises order "{count(b)}"

        rule missing
          "Two, and nothing after"
          severity 3
          let a = event some.a
          let b = event some.b
          let c = event some.c
          sequence by user within 8s
            a
            then b
            then no c within 4s
          confidence 50
          raises absence "{user}"
        """;

    public static Arbitrary<EventStream> Arbitrary() =>
        Arb.From(Gen.Sized(size => Stream(Math.Min(size, 28))), Shrink);

    static IEnumerable<EventStream> Shrink(EventStream stream) =>
        Enumerable
            .Range(0, stream.Events.Count)
            .Select(i => new EventStream([.. stream.Events.Where((_, at) => at != i)]));

    static Gen<EventStream> Stream(int count) =>
        from steps in Gen.Choose(0, 3).ListOf(count)
        from kinds in Gen.Elements('a', 'a', 'b', 'b', 'c').ListOf(count)
        from users in Gen.Elements("amy", "bob").ListOf(count)
        from numbers in Gen.Choose(0, 4).ListOf(count)
        from inputs in Gen.Elements("one", "two").ListOf(count)
        select new EventStream([
            .. Enumerable
                .Range(0, count)
                .Select(i => new StreamEvent(
                    steps.Take(i + 1).Sum(),
                    kinds[i],
                    users[i],
                    numbers[i],
                    inputs[i]
                )),
        ]);

    /// <summary>Each input's events in its own order, as if they had been read from two files.</summary>
    public static IReadOnlyList<EnrichedEvent> Events(Policy policy, EventStream stream) =>
        [
            .. stream
                .Events.GroupBy(e => e.Input)
                .SelectMany(g => Some.Events(policy, g.Select(Line), g.Key))
                .OrderBy(RuleMatcher.OrderOf),
        ];

    static string Line(StreamEvent e)
    {
        var time = Some.Noon.AddSeconds(e.Second);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{time:yyyy-MM-ddTHH:mm:ssZ} {e.Kind} {e.User} {e.Number}"
        );
    }
}
