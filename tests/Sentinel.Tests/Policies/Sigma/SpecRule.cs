using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Sentinel.Tests.Policies.Sigma;

/// <summary>
/// A Sigma rule as the specification reads: obviously right, slow, and sharing nothing with ours but the
/// parser of YAML. An event is a value for each field; a field that is not in it is absent.
/// </summary>
sealed class SpecRule
{
    readonly Dictionary<string, SpecNode> detections = [];
    readonly List<SpecNode> conditions = [];

    public SpecRule(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        var root = (YamlMappingNode)stream.Documents[0].RootNode;
        Id = Scalar(root, "id") ?? "";
        var source = (YamlMappingNode)root["logsource"];
        Product = Scalar(source, "product");
        Category = Scalar(source, "category");
        Service = Scalar(source, "service");
        var detection = (YamlMappingNode)root["detection"];
        foreach (var (key, node) in detection)
            if (key.ToString() is not ("condition" or "timeframe"))
                detections.Add(key.ToString(), SpecDetection.Read(node));
        var said = detection["condition"];
        foreach (var text in said is YamlSequenceNode many ? many.Children : [said])
            conditions.Add(new SpecCondition(text.ToString(), detections).Read());
    }

    public string Id { get; }
    public string? Product { get; }
    public string? Category { get; }
    public string? Service { get; }

    /// <summary>What it asks in all, with the search identifiers put in.</summary>
    public SpecNode Asked => conditions.Count == 1 ? conditions[0] : new SpecNode.Any(conditions);

    public bool Matches(SpecEvent candidate) => conditions.Exists(c => c.Holds(candidate));

    static string? Scalar(YamlMappingNode map, string key) =>
        map.Children.TryGetValue(key, out var node) ? node.ToString() : null;
}

/// <summary>The fields of one event, and all its values for keywords.</summary>
sealed class SpecEvent(IReadOnlyDictionary<string, string?> fields)
{
    public IReadOnlyDictionary<string, string?> Fields => fields;

    public string? this[string field] => fields.GetValueOrDefault(field);
}

/// <summary>And, or, not, and one question.</summary>
abstract record SpecNode
{
    public abstract bool Holds(SpecEvent candidate);

    public sealed record All(IReadOnlyList<SpecNode> Of) : SpecNode
    {
        public override bool Holds(SpecEvent candidate) => Of.All(o => o.Holds(candidate));
    }

    public sealed record Any(IReadOnlyList<SpecNode> Of) : SpecNode
    {
        public override bool Holds(SpecEvent candidate) => Of.Any(o => o.Holds(candidate));
    }

    public sealed record Not(SpecNode Of) : SpecNode
    {
        public override bool Holds(SpecEvent candidate) => !Of.Holds(candidate);
    }

    /// <summary>One field (empty for keywords), its modifiers, one value.</summary>
    public sealed record Leaf(string Field, IReadOnlyList<string> Modifiers, string? Value)
        : SpecNode
    {
        public override bool Holds(SpecEvent candidate) => SpecLeaf.Holds(this, candidate);
    }
}

/// <summary>Maps, lists and values below a search identifier.</summary>
static class SpecDetection
{
    public static SpecNode Read(YamlNode node) =>
        node switch
        {
            YamlMappingNode map => new SpecNode.All([
                .. map.Select(e => ReadEntry(e.Key.ToString(), e.Value)),
            ]),
            YamlSequenceNode list => new SpecNode.Any([.. list.Select(Read)]),
            _ => new SpecNode.Leaf("", [], Text(node)),
        };

    static SpecNode ReadEntry(string key, YamlNode node)
    {
        var parts = key.Split('|');
        var modifiers = parts[1..].Where(m => m is not ("all" or "neq")).ToList();
        var values = node is YamlSequenceNode list ? list.Children : [node];
        List<SpecNode> leaves =
        [
            .. values.Select(v => new SpecNode.Leaf(parts[0], modifiers, Text(v))),
        ];
        SpecNode joined = parts.Contains("all")
            ? new SpecNode.All(leaves)
            : new SpecNode.Any(leaves);
        return parts.Contains("neq") ? new SpecNode.Not(joined) : joined;
    }

    static string? Text(YamlNode node) =>
        node is YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain } scalar
        && scalar.Value is null or "" or "null" or "~"
            ? null
            : ((YamlScalarNode)node).Value;
}

/// <summary>The condition, by recursive descent over its words.</summary>
sealed class SpecCondition(string text, IReadOnlyDictionary<string, SpecNode> detections)
{
    readonly Queue<string> words = new(Regex.Matches(text, @"[()]|[^\s()]+").Select(m => m.Value));

    public SpecNode Read()
    {
        var whole = Or();
        return words.Count == 0 ? whole : throw new FormatException(text);
    }

    SpecNode Or()
    {
        List<SpecNode> of = [And()];
        while (Take("or"))
            of.Add(And());
        return new SpecNode.Any(of);
    }

    SpecNode And()
    {
        List<SpecNode> of = [Unary()];
        while (Take("and"))
            of.Add(Unary());
        return new SpecNode.All(of);
    }

    SpecNode Unary()
    {
        if (Take("not"))
            return new SpecNode.Not(Unary());
        if (Take("("))
        {
            var inner = Or();
            return Take(")") ? inner : throw new FormatException(text);
        }
        var word = words.Dequeue();
        if (!Take("of"))
            return detections[word];
        var pattern = words.Dequeue();
        var regex = new Regex("^" + Regex.Escape(pattern).Replace(@"\*", ".*") + "$");
        List<SpecNode> meant =
        [
            .. detections
                .Where(d => pattern == "them" ? d.Key[0] != '_' : regex.IsMatch(d.Key))
                .Select(d => d.Value),
        ];
        return word == "all" ? new SpecNode.All(meant) : new SpecNode.Any(meant);
    }

    bool Take(string word)
    {
        if (!words.TryPeek(out var next) || !next.Equals(word, StringComparison.OrdinalIgnoreCase))
            return false;
        words.Dequeue();
        return true;
    }
}
