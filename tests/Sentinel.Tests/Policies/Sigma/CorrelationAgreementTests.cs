using System.Globalization;
using System.Text.Json.Nodes;
using Sentinel.Policies;
using Sentinel.Policies.Sigma;
using Sentinel.Testing;

namespace Sentinel.Tests.Policies.Sigma;

/// <summary>Imported correlations beside an evaluator that was written from Sigma's specification.</summary>
public sealed class CorrelationAgreementTests(ITestOutputHelper output)
{
    const int CasesPerType = 40;
    const string Source = """
        source some.okta
          accepts json where sent_by == "okta"
          timestamp at as iso8601
          record open
          otherwise is okta.okta severity 1
        """;

    [Theory]
    [InlineData("event_count")]
    [InlineData("value_count")]
    [InlineData("value_sum")]
    [InlineData("value_avg")]
    [InlineData("value_percentile")]
    [InlineData("temporal")]
    [InlineData("temporal_ordered")]
    public void A_correlation_fires_where_its_specification_says(string type)
    {
        var chance = new Random((int)RunSeed.Chance.Seed ^ type.Length * 7919);
        var (fired, differences) = (0, new List<string>());
        for (var i = 0; i < CasesPerType; i++)
        {
            var story = new CorrelationStory(type, chance);
            var expected = story.Expected(out var events);
            var found = story.Found(Source);
            fired += expected.Count;
            if (!expected.SetEquals(found))
                differences.Add(
                    $"{story.Yaml}\n{string.Join('\n', events)}\n"
                        + $"misses {string.Join(", ", expected.Except(found))}\n"
                        + $"invents {string.Join(", ", found.Except(expected))}"
                );
        }
        output.WriteLine($"{CasesPerType} correlations, fired {fired} times.");
        Assert.True(differences.Count == 0, string.Join("\n\n", differences.Take(2)));
        Assert.True(fired > CasesPerType, "hardly any of them ever fired");
    }

    [Fact]
    public void What_a_placeholder_stands_for_and_what_a_filter_leaves_out_is_counted_so()
    {
        const string yaml = """
            title: Grave
            name: grave
            logsource: {product: okta, service: okta}
            detection:
                selection:
                    user|expand: '%admins%'
                    action|expand: 'del-%kinds%'
                condition: selection
            ---
            title: Many
            correlation:
                type: event_count
                rules: grave
                group-by: user
                timespan: 1m
                condition: {gte: 2}
            ---
            title: Not from the office
            logsource: {product: okta, service: okta}
            filter:
                rules: [grave]
                office: {src: 10}
                condition: not office
            ---
            vars:
                admins: [amy, bob]
                kinds: [host, group]
            """;
        string Line(int second, string user, string action, int src) =>
            CorrelationStory.Line(
                second,
                new()
                {
                    ["user"] = user,
                    ["action"] = action,
                    ["src"] = $"{src}",
                }
            );

        var hits = Siem.Some.Hits(
            CorrelationStory.Import(yaml, Source),
            Line(0, "amy", "del-host", 1),
            Line(1, "bob", "del-host", 10),
            Line(2, "bob", "del-host", 2),
            Line(3, "carl", "del-host", 2),
            Line(4, "carl", "del-host", 2),
            Line(5, "amy", "del-user", 2),
            Line(6, "amy", "DEL-GROUP", 2)
        );

        var hit = Assert.Single(hits);
        Assert.Equal(("amy", 2L), (hit.Key[0].Value, hit.Count));
    }
}

/// <summary>A random correlation over up to three rules, and random events for it.</summary>
sealed class CorrelationStory
{
    const int EventsPerCase = 60;

    static readonly string[] users = ["amy", "bob", "carl"];
    static readonly string[] comparisons = ["gte", "gt", "eq", "lte", "lt", "neq"];

    readonly Random chance;
    readonly string correlation;
    readonly List<string> rules = [];
    readonly string? filter;
    readonly bool isAggregate;
    readonly List<(int Second, Dictionary<string, string?> Fields)> events;

    public CorrelationStory(string type, Random chance)
    {
        this.chance = chance;
        isAggregate = type is not ("temporal" or "temporal_ordered");
        var count = isAggregate ? chance.Next(1, 3) : chance.Next(2, 4);
        var hasAlias = !isAggregate && chance.Next(2) == 0;
        for (var i = 0; i < count; i++)
            rules.Add(
                $$"""
                title: Rule {{i}}
                name: rule_{{i}}
                logsource: {product: okta, service: okta}
                detection:
                    selection: {action: 'do-{{i}}*'}
                    condition: selection
                """
            );
        filter =
            chance.Next(3) == 0
                ? """
                    title: Left out
                    logsource: {product: okta, service: okta}
                    filter:
                        rules: [rule_0]
                        selection: {src: 3}
                        condition: selection
                    """
                : null;
        string[] groups = hasAlias ? ["who"] : [.. new[] { "user", "src" }.Take(chance.Next(3))];
        correlation = $$"""
            title: Correlated
            correlation:
                type: {{type}}
                rules: [{{string.Join(", ", Enumerable.Range(0, count).Select(i => $"rule_{i}"))}}]
                timespan: {{(chance.Next(4) == 0 ? "1m" : $"{chance.Next(2, 20)}s")}}
            """;
        if (groups.Length > 0)
            correlation += $"\n    group-by: [{string.Join(", ", groups)}]";
        if (hasAlias)
            correlation +=
                "\n    aliases:\n        who:"
                + string.Concat(
                    Enumerable
                        .Range(0, count)
                        .Select(i => $"\n            rule_{i}: {(i == 1 ? "account" : "user")}")
                );
        if (isAggregate)
            correlation += $"\n    condition: {{{ConditionOf(type)}}}";
        events =
        [
            .. Enumerable
                .Range(0, EventsPerCase)
                .Select(_ => (Second: chance.Next(0, 90), Fields: Fields(count)))
                .OrderBy(e => e.Second),
        ];
    }

    public string Yaml =>
        string.Join("\n---\n", [.. rules, correlation, .. filter is null ? [] : new[] { filter }]);

    public HashSet<string> Expected(out IReadOnlyList<string> lines)
    {
        var leftOut = filter is null ? null : "3";
        var takes = rules
            .Select((yaml, i) => (Name: $"rule_{i}", Rule: new SpecRule(yaml)))
            .ToDictionary(
                r => r.Name,
                r =>
                    (Func<SpecEvent, bool>)(
                        e =>
                            r.Rule.Matches(e)
                            && !(r.Name == "rule_0" && leftOut is not null && e["src"] == leftOut)
                    )
            );
        lines = [.. events.Select(e => Line(e.Second, e.Fields))];
        var moments = events
            .Select(e => new SpecMoment(TimeSpan.FromSeconds(e.Second), new SpecEvent(e.Fields)))
            .ToList();
        return Said(new SpecCorrelation(correlation, takes).Fires(moments));
    }

    public HashSet<string> Found(string source)
    {
        var hits = Siem.Some.Hits(
            Import(Yaml, source),
            [.. events.Select(e => Line(e.Second, e.Fields))]
        );
        return Said(
            hits.Select(h =>
                (string.Join('|', h.Key.Select(k => k.Value)), h.Last - Siem.Some.Noon)
            )
        );
    }

    /// <summary>An aggregate tells every event at which it holds, what is temporal that it came about.</summary>
    HashSet<string> Said(IEnumerable<(string Group, TimeSpan At)> fires) =>
        isAggregate
            ? [.. fires.Select(f => $"{f.Group} at {f.At.TotalSeconds}")]
            :
            [
                .. fires
                    .GroupBy(f => f.Group)
                    .Select(g => $"{g.Key} first at {g.Min(f => f.At).TotalSeconds}"),
            ];

    string ConditionOf(string type)
    {
        var limit = type switch
        {
            "event_count" => chance.Next(1, 6),
            "value_count" => chance.Next(1, 4),
            "value_sum" => chance.Next(5, 60) + 0.5,
            _ => chance.Next(2, 12) + 0.5,
        };
        var number = limit.ToString(CultureInfo.InvariantCulture);
        var said = $"{comparisons[chance.Next(type == "event_count" ? 6 : 4)]}: {number}";
        if (type == "value_percentile")
            said += $", percentile: {new[] { 50, 90, 95 }[chance.Next(3)]}";
        return type == "event_count"
            ? said
            : $"{said}, field: {(type == "value_count" ? "target" : "size")}";
    }

    Dictionary<string, string?> Fields(int count)
    {
        var fields = new Dictionary<string, string?>
        {
            ["action"] = $"{(chance.Next(5) == 0 ? "DO" : "do")}-{chance.Next(count + 1)}x",
            ["user"] = users[chance.Next(users.Length)],
            ["account"] = users[chance.Next(users.Length)],
            ["src"] = $"{chance.Next(1, 4)}",
        };
        if (chance.Next(5) > 0)
            fields["size"] = $"{chance.Next(0, 15)}";
        if (chance.Next(5) > 0)
            fields["target"] = $"t{chance.Next(4)}";
        if (chance.Next(10) == 0)
            fields.Remove("user");
        return fields;
    }

    public static string Line(int second, Dictionary<string, string?> fields)
    {
        var record = new JsonObject
        {
            ["sent_by"] = "okta",
            ["at"] = Siem.Some.Noon.AddSeconds(second).ToString("o", CultureInfo.InvariantCulture),
        };
        foreach (var (name, value) in fields)
            record[name] = long.TryParse(value, out var number)
                ? JsonValue.Create(number)
                : JsonValue.Create(value);
        return record.ToJsonString();
    }

    public static Policy Import(string yaml, string source)
    {
        var import = ImportSigma.Run([new SigmaFile("some.yml", yaml)]);
        Assert.True(import.Skipped.Count == 0, $"{import.Skipped.FirstOrDefault()}\n{yaml}");
        return Some.Policy([.. import.Texts.Select(t => t.Text), source]);
    }
}
