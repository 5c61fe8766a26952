using FsCheck;
using FsCheck.Fluent;

namespace Sentinel.Tests.Siem;

/// <summary>Rules that nobody wrote, over the events of <see cref="Streams"/>.</summary>
public sealed record RandomRules(string Text)
{
    const int RulesCount = 4;

    public override string ToString() => Text;

    public static Arbitrary<RandomRules> Arbitrary() =>
        Arb.From(
            Gen.Choose(0, int.MaxValue).Select(seed => Of(new Random(seed))),
            // Later rules may build on earlier ones.
            rules =>
                rules.Text.LastIndexOf("\nrule ", StringComparison.Ordinal) is var last
                && last > rules.Text.IndexOf("\nrule ", StringComparison.Ordinal)
                    ? [new RandomRules(rules.Text[..last])]
                    : []
        );

    static RandomRules Of(Random chance) =>
        chance.Next(8) == 0
            ? new RandomRules(Streams.Source + Streams.Rules)
            : new RandomRules(
                Streams.Source
                    + string.Concat(
                        Enumerable.Range(0, RulesCount).Select(i => new Writer(chance, i).Rule())
                    )
            );

    /// <summary>
    /// The first rules are by user, so that the later ones, which may take their hits and risk, can ask
    /// for the user of them.
    /// </summary>
    sealed class Writer(Random chance, int place)
    {
        readonly SortedSet<string> selections = new(StringComparer.Ordinal);
        readonly bool overHits = place > 1 && chance.Next(2) == 0;

        public string Rule()
        {
            var by = place < RulesCount - 1 ? "by user" : One("", "by user");
            if (place == RulesCount - 1 && !overHits)
                by = One("by number", "by user, number", by);
            var pattern = chance.Next(6) switch
            {
                4 => Novel(by),
                5 => Unusual(by),
                0 => $"each {Selection()} {by}",
                1 => Aggregate(by),
                2 => AllOf(by),
                _ => Sequence(by),
            };
            var counted = selections.First();
            var once = One("", "", "once in 5s", by == "by user" ? "once per user in 4s" : "");
            return $"""

                rule r{place}
                  severity {chance.Next(1, 5)}
                  {string.Join("\n  ", selections.Select(Let))}
                  {pattern}
                  confidence 50
                    + 2 per {counted} beyond 1, at most 6
                    + 5 when max({counted}.number) >= 3
                  raises some "{by} {'{'}count({counted}){'}'}"
                  {once}
                  {(
                    by == "by user" ? One("", "", "except where user == bob because \"known\"") : ""
                )}
                  {(place < 2 ? $"risk {chance.Next(1, 4)} to user" : "")}

                """;
        }

        string Let(string selection) => $"let {selection} = {(overHits ? OfHits() : OfEvents())}";

        string OfEvents() =>
            $"event {One("some.a", "some.b", "some.c", "some.*")}"
            + One("", "", " where number >= 2", " where user == amy");

        string OfHits() =>
            One(
                "hit of r0",
                "hit of r1, r0",
                $"hit of r{place - 1}",
                "risk of user",
                "event some.a"
            ) + One("", "", " where severity >= 3", " where rule != r1");

        string Aggregate(string by)
        {
            var over = Selection();
            var within = Seconds(1, 12);
            var window = chance.Next(5) switch
            {
                0 => $"tumbling within {within}s",
                1 => $"hopping within {within}s every {chance.Next(1, within + 1)}s",
                2 => $"session within {within}s at most {within + chance.Next(0, 9)}s",
                _ => $"within {within}s",
            };
            return $"aggregate {over} {by} {window} having {Having(over)}";
        }

        string Novel(string by)
        {
            var over = Selection();
            var values = overHits
                ? $"{over}.rule"
                : One($"{over}.number", $"{over}.user, {over}.number");
            var kind = chance.Next(2) == 0 ? "first" : "rare";
            var often = kind == "rare" ? $"at most {chance.Next(1, 4)} times" : "";
            return $"{kind} {values} {by} within {Seconds(1, 14)}s {often} {After(8)}";
        }

        string Unusual(string by)
        {
            var over = Selection();
            var of = overHits
                ? One($"count({over})", $"distinct({over}.rule)", $"sum({over}.risk)")
                : One($"count({over})", $"distinct({over}.user)", $"sum({over}.number)");
            var limit = One(
                "average + 1 deviations",
                "average + 0.5 deviations",
                "1 averages",
                "2 averages"
            );
            var (per, buckets) = (Seconds(1, 4), chance.Next(1, 6));
            return $"unusual {over} {by} per {per}s over {per * buckets}s {After(per * buckets)} "
                + $"having {of} {One(">", ">=")} {limit}{One("", $" and {Threshold(over)}")}";
        }

        string After(int most) => One("", $"after {Seconds(1, most)}s");

        string Having(string over) =>
            chance.Next(4) switch
            {
                0 => $"{Threshold(over)} and {Threshold(over)}",
                1 => $"{Threshold(over)} or {Threshold(over)}",
                2 => $"{Threshold(over)} and ({Threshold(over)} or {Threshold(over)})",
                _ => Threshold(over),
            };

        string Threshold(string over)
        {
            var function = One("sum", "avg", "min", "max", "p50", "p90", "distinct");
            var of = overHits
                ? One($"count({over})", $"distinct({over}.rule)", $"{function}({over}.risk)")
                : One($"count({over})", $"distinct({over}.user)", $"{function}({over}.number)");
            return $"{of} {One(">=", ">=", ">", "<", "<=", "==", "!=")} {chance.Next(1, 5)}";
        }

        string AllOf(string by)
        {
            string[] names = [.. new[] { "x", "y", "z" }.Take(chance.Next(1, 4))];
            selections.UnionWith(names);
            return $"all of {string.Join(", ", names.Select(n => n + Times()))} {by} "
                + $"within {Seconds(1, 12)}s";
        }

        string Sequence(string by)
        {
            var steps = Enumerable.Range(0, chance.Next(1, 4)).Select(Step).ToList();
            if (chance.Next(3) == 0)
                steps.Add($"no {Selection()} within {Seconds(1, 6)}s");
            var until = One("", "", "until u");
            if (until.Length > 0)
                selections.Add("u");
            return $"sequence {by} within {Seconds(2, 14)}s\n    "
                + $"{string.Join("\n    then ", steps)}\n    {until}";
        }

        string Step(int place)
        {
            var step = Selection();
            if (place > 0)
                step += One("", $" within {Seconds(1, 8)}s");
            var times = One("", Times());
            step += times + (times.Length > 0 ? One("", $" within {Seconds(1, 8)}s") : "");
            return place > 0 && chance.Next(3) == 0 ? $"{step} without {Selection()}" : step;
        }

        string Times() => One("", $" at least {chance.Next(1, 4)} times");

        int Seconds(int least, int most) => chance.Next(least, most + 1);

        string Selection()
        {
            var name = One("x", "y", "z");
            selections.Add(name);
            return name;
        }

        string One(params string[] of) => of[chance.Next(of.Length)];
    }
}
