using System.Text;
using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Tests.Policies;

/// <summary>Random texts that can be read, spaced and quoted in every way that the language allows.</summary>
sealed class PolicyTexts(int seed)
{
    readonly Random random = new(seed);

    /// <summary>One to four declarations.</summary>
    public string Next() => string.Join("\n", Many(1, 4, Declaration)) + "\n";

    /// <summary>The tokens alone, without comments and free lines.</summary>
    public static string Plain(string text) =>
        Rewritten(
            text,
            (starts, _) =>
                starts switch
                {
                    Start.Declaration => "\n",
                    Start.Clause => "\n  ",
                    _ => " ",
                }
        );

    /// <summary>The same tokens with other white space: no clause moves, nothing is joined.</summary>
    public string Spaced(string text) =>
        Rewritten(
            text,
            (starts, line) =>
                starts switch
                {
                    Start.Declaration => "\n",
                    Start.Clause => "\n   ",
                    _ => Pick(" ", "  ", "\t", "\n      ", line > 20_000 ? " " : "\r\n        "),
                }
        );

    /// <summary>The same with comments between some tokens.</summary>
    public string Commented(string text) =>
        Rewritten(
            text,
            (starts, line) =>
            {
                var comment = random.Next(line > 20_000 ? 500 : 12) switch
                {
                    0 => $" # behind {random.Next(100)}\n",
                    1 => $"\n{new string(' ', random.Next(9))}# before {random.Next(100)}\n\n",
                    _ => "",
                };
                return starts switch
                {
                    Start.Declaration => $"{comment}{Pick("\n", "\n\n\n")}",
                    Start.Clause => $"{comment}{Pick("\n", "\n\n")}   ",
                    _ => comment.Length > 0 ? comment + new string(' ', 4 + random.Next(6)) : " ",
                };
            }
        );

    enum Start
    {
        Declaration,
        Clause,
        Token,
    }

    static string Rewritten(string text, Func<Start, int, string> between)
    {
        var reporter = new Reporter(new PolicyText("some.sentinel", text));
        var written = new StringBuilder();
        foreach (var declaration in Layout.Split(new Scanner(reporter).Scan()))
        {
            var first = true;
            foreach (var token in declaration.Header)
            {
                written.Append(first ? between(Start.Declaration, written.Length) : " ");
                written.Append(text.AsSpan(token.Place.Offset, token.Place.Length));
                first = false;
            }
            foreach (var clause in declaration.Clauses)
                for (var i = 0; i < clause.Count; i++)
                {
                    written.Append(between(i == 0 ? Start.Clause : Start.Token, written.Length));
                    written.Append(text.AsSpan(clause[i].Place.Offset, clause[i].Place.Length));
                }
        }
        return written.Append('\n').ToString();
    }

    string Declaration() =>
        random.Next(5) switch
        {
            0 =>
                $"source {Name()}{Clause($"accepts {Pick("kv", "json", "key-value", "text")}{Where()}")}"
                    + string.Concat(Many(0, 3, SourceClause)),
            1 => $"list {Name()} : word{string.Concat(Many(0, 4, Entry))}",
            2 =>
                $"escalation {Name()}{Clause("when " + Condition(3))}{Clause("open incident, severity max(finding.severity, 3)")}"
                    + Clause("to close: evidence log at least 1, attestation by some_role"),
            3 => $"sla {Name()}{Clause("respond within 15m, resolve within 4h, warn at 75%")}",
            _ => $"rule {Name()}{string.Concat(Many(0, 3, RuleClause))}{Clause(Pattern())}",
        };

    string SourceClause() =>
        random.Next(5) switch
        {
            0 => Clause($"line {Text()} is {Shape()}"),
            1 => Clause($"when {Condition(2)} is {Shape()}{string.Concat(Many(0, 3, Map))}"),
            2 => Clause("fields" + string.Concat(Many(1, 4, Map))),
            3 => Clause(
                $"timestamp {Name()} as iso8601, {Text()} zone {Pick("utc", "+02:00", "-05:00")}"
            ),
            _ => Clause($"otherwise is {Shape()}"),
        };

    string RuleClause() =>
        random.Next(7) switch
        {
            0 => Clause(Text()),
            1 => Clause($"attack {string.Join(", ", Many(1, 30, () => "T1110.001"))}"),
            2 => Clause($"raises {Name()} {Text()}"),
            3 => Clause($"confidence 50{string.Concat(Many(0, 3, ConfidenceLine))}"),
            4 => Clause($"once per {Name()}, {Name()} in 1h"),
            5 => Clause(
                $"test {Text()}{string.Concat(Many(0, 3, () => $" at 00:0{random.Next(9)} from {Name()} {Text()} {random.Next(1, 4)} times every 5s"))} expect {Pick("nothing", "1 findings", "2 finding with confidence >= 3")}"
            ),
            _ => Clause($"let {Name()} = event {Name()}{Where()}"),
        };

    string Pattern() =>
        random.Next(3) switch
        {
            0 => $"each {Name()} by {Name()}, {Name()}",
            1 =>
                $"aggregate {Name()} by {Name()} within 5m having count({Name()}) >= 3 and sum({Name()}) < 7",
            _ =>
                $"sequence by {Name()} = {Name()} as {Name()} within 5m {Name()} at least 3 times within 1m then {Name()} then no {Name()} within 3m",
        };

    string ConfidenceLine() =>
        Pick(
            $" + 2 per {Name()} beyond 10, at most 20",
            $" - 10 when any event has {Name()}",
            $" + 15 when distinct({Name()}) >= 3"
        );

    string Shape() => $"{Name()} severity 3{Pick("", " outcome failure", " tag a, \"b c\", d")}";

    string Map() => $" {Name()}{Pick("", ":int")} = {Pick(Name(), Text())}";

    string Entry() =>
        Clause(
            $"{Pick(Name(), Text())}{Pick("", " until 2027-01-31")}{Pick("", $" because {Text()}")}"
        );

    string Where() => random.Next(2) == 0 ? "" : $" where {Condition(3)}";

    string Condition(int depth) =>
        depth == 0 || random.Next(3) == 0
            ? Test()
            : random.Next(4) switch
            {
                0 => $"not ({Condition(depth - 1)})",
                1 => $"({Condition(depth - 1)})",
                _ => string.Join(Pick(" and ", " or "), Many(1, 5, () => Condition(depth - 1))),
            };

    string Test() =>
        random.Next(6) switch
        {
            0 => $"{Name()} in ({string.Join(",", Many(1, 12, Text))})",
            1 => $"{Pick(Name(), Text())} {Pick("==", "!=")} field({Name()})",
            2 => $"{Name()} not {Pick("contains", "startswith")} all ({Text()}, {Name()})",
            3 => $"has {Name()}",
            4 => $"{Name()} {Pick("<", "<=", ">", "==")} {random.Next(100)}",
            _ => $"{Name()} cased {Pick("==", "matches")} {Text()}",
        };

    string Text() =>
        Pick(
            "'a'",
            "\"a\"",
            "\"it's\"",
            "'say \"so\"'",
            "\"say \\\"so\\\"\"",
            "\"C:\\\\temp\\\\x.exe\"",
            "'C:\\temp'",
            "\"\\\\[x]\"",
            "\"\\[{a}\\] \\\"b\\\"\"",
            "'\\[{a}[ {b}]'",
            "\"tab\\tand \\n\"",
            "'# no comment'",
            $"\"{new string('x', random.Next(90))} (long, and, or)\"",
            "\"\"",
            "'\\'"
        );

    string Name() =>
        Pick("a", "user", "some.name", "source_ip", "x1", "long_name_of_something.with_parts");

    string Clause(string text) => "\n" + Pick("", "", "\n") + "  " + text;

    IEnumerable<string> Many(int least, int most, Func<string> one)
    {
        var texts = new string[random.Next(least, most + 1)];
        for (var i = 0; i < texts.Length; i++)
            texts[i] = one();
        return texts;
    }

    string Pick(params string[] of) => of[random.Next(of.Length)];
}
