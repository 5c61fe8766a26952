using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace Sentinel.Tests.Policies.Sigma;

/// <param name="At">Since the first event of all.</param>
sealed record SpecMoment(TimeSpan At, SpecEvent Event);

/// <summary>
/// A correlation as the specification's text reads: at each event the timespan that ends with it is looked
/// at whole, for each group. Slow, and sharing nothing with ours but the parser of YAML.
/// </summary>
sealed class SpecCorrelation
{
    readonly string type;
    readonly List<string> names;
    readonly List<string> groupBy;
    readonly TimeSpan timespan;
    readonly YamlMappingNode? condition;
    readonly YamlMappingNode? aliases;
    readonly IReadOnlyDictionary<string, Func<SpecEvent, bool>> rules;

    /// <param name="rules">By name: whether an event is one of the rule's, filters considered.</param>
    public SpecCorrelation(string yaml, IReadOnlyDictionary<string, Func<SpecEvent, bool>> rules)
    {
        this.rules = rules;
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        var asked = (YamlMappingNode)((YamlMappingNode)stream.Documents[0].RootNode)["correlation"];
        type = asked["type"].ToString();
        names = Texts(asked, "rules");
        groupBy = Texts(asked, "group-by");
        var length = asked["timespan"].ToString();
        var number = int.Parse(length[..^1], CultureInfo.InvariantCulture);
        timespan = length[^1] == 'm' ? TimeSpan.FromMinutes(number) : TimeSpan.FromSeconds(number);
        condition = Map(asked, "condition");
        aliases = Map(asked, "aliases");
    }

    /// <summary>The group and the time of each event at which the correlation holds.</summary>
    public IEnumerable<(string Group, TimeSpan At)> Fires(IReadOnlyList<SpecMoment> events)
    {
        for (var i = 0; i < events.Count; i++)
            foreach (var name in names.Where(name => rules[name](events[i].Event)))
            {
                if (GroupOf(name, events[i].Event) is not { } group)
                    continue;
                var window = events
                    .Take(i + 1)
                    .Where(e => events[i].At - e.At < timespan)
                    .SelectMany(e =>
                        names.Where(n => rules[n](e.Event)).Select(n => (Rule: n, e.Event))
                    )
                    .Where(e => GroupOf(e.Rule, e.Event) == group)
                    .ToList();
                if (Holds(window, name))
                    yield return (group, events[i].At);
            }
    }

    bool Holds(List<(string Rule, SpecEvent Event)> window, string last) =>
        type switch
        {
            "event_count" => Compares(window.Count),
            "value_count" => Compares(Values(window).Distinct().Count()),
            // Of no value at all there is no sum, as in the databases that rules are converted for.
            "value_sum" => Numbers(window) is { Count: > 0 } numbers && Compares(numbers.Sum()),
            "value_avg" => Numbers(window) is { Count: > 0 } numbers && Compares(numbers.Average()),
            "value_percentile" => Numbers(window) is { Count: > 0 } numbers
                && Compares(Percentile(numbers)),
            "temporal" => names.All(name => window.Exists(e => e.Rule == name)),
            "temporal_ordered" => last == names[^1] && InOrder(window),
            _ => throw new FormatException(type),
        };

    /// <summary>The rules one after the other, others may come between.</summary>
    bool InOrder(List<(string Rule, SpecEvent Event)> window)
    {
        var next = 0;
        foreach (var (rule, _) in window)
            if (next < names.Count && rule == names[next])
                next++;
        return next == names.Count;
    }

    bool Compares(double value) =>
        condition!
            .Children.Where(c => c.Key.ToString() is not ("field" or "percentile"))
            .All(c =>
            {
                var limit = double.Parse(c.Value.ToString(), CultureInfo.InvariantCulture);
                return c.Key.ToString() switch
                {
                    "gt" => value > limit,
                    "gte" => value >= limit,
                    "lt" => value < limit,
                    "lte" => value <= limit,
                    "eq" => value == limit,
                    "neq" => value != limit,
                    var other => throw new FormatException(other),
                };
            });

    IEnumerable<string> Values(List<(string Rule, SpecEvent Event)> window) =>
        window.Select(e => e.Event[condition!["field"].ToString()]).OfType<string>();

    List<double> Numbers(List<(string Rule, SpecEvent Event)> window) =>
        [.. Values(window).Select(v => double.Parse(v, CultureInfo.InvariantCulture))];

    /// <summary>The smallest value that is not below that share of all values.</summary>
    double Percentile(List<double> numbers)
    {
        var share = int.Parse(condition!["percentile"].ToString(), CultureInfo.InvariantCulture);
        numbers.Sort();
        return numbers.First(n =>
            numbers.Count(other => other <= n) * 100 >= share * numbers.Count
        );
    }

    /// <summary>Null where the event has not all of it.</summary>
    string? GroupOf(string rule, SpecEvent candidate)
    {
        var values = groupBy.Select(field => candidate[FieldOf(rule, field)]).ToList();
        return values.Contains(null) ? null : string.Join('|', values);
    }

    string FieldOf(string rule, string field) =>
        aliases is not null
        && Map(aliases, field) is { } own
        && own.Children.TryGetValue(rule, out var name)
            ? name.ToString()
            : field;

    static YamlMappingNode? Map(YamlMappingNode map, string key) =>
        map.Children.TryGetValue(key, out var node) ? (YamlMappingNode)node : null;

    static List<string> Texts(YamlMappingNode map, string key) =>
        !map.Children.TryGetValue(key, out var node) ? []
        : node is YamlSequenceNode many ? [.. many.Select(n => n.ToString())]
        : [node.ToString()];
}
