using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Sentinel.Policies.Sigma;

/// <summary>The documents of a YAML file within limits, or why there are none; never throws on any text.</summary>
sealed class YamlReader
{
    public const int TextCharsMax = 1024 * 1024;
    public const int NestingLevelsMax = 32;
    public const int NodesPerFileMax = 200_000;
    public const int DocumentsPerFileMax = 1_000;

    readonly Parser parser;
    readonly Dictionary<AnchorName, YamlNode> anchors = [];
    string? problem;
    int nodes;

    YamlReader(string text) => parser = new Parser(new StringReader(text));

    /// <summary>Empty, with the problem, where the text cannot be read.</summary>
    public static IReadOnlyList<YamlNode> Read(string text, out string? problem)
    {
        problem =
            text.Length > TextCharsMax
                ? $"the file has {text.Length} characters, more than {TextCharsMax}"
                : null;
        if (problem is not null)
            return [];
        var reader = new YamlReader(text);
        var documents = reader.ReadDocuments();
        problem = reader.problem;
        return problem is null ? documents : [];
    }

    /// <summary>To the next event; false at the end, or where the text is no YAML.</summary>
    bool MoveNext()
    {
        try
        {
            return problem is null && parser.MoveNext();
        }
        catch (YamlException e)
        {
            problem = $"line {e.Start.Line}: not YAML: {e.Message.ReplaceLineEndings(" ")}";
            return false;
        }
        // Some damaged texts take the parser by surprise: it pops from an empty stack.
        catch (InvalidOperationException)
        {
            problem = "not YAML";
            return false;
        }
    }

    List<YamlNode> ReadDocuments()
    {
        var documents = new List<YamlNode>();
        while (MoveNext())
        {
            if (parser.Current is not DocumentStart)
                continue;
            anchors.Clear();
            if (!MoveNext() || ReadNode(0) is not { } node)
                break;
            if (node is not YamlNode.Scalar { IsNull: true })
                documents.Add(node);
            if (documents.Count > DocumentsPerFileMax)
                problem = $"the file has more than {DocumentsPerFileMax} documents";
        }
        return documents;
    }

    /// <summary>The node at hand; the parser stands at its last event.</summary>
    YamlNode? ReadNode(int level)
    {
        var current = parser.Current!;
        var line = (int)current.Start.Line;
        if (++nodes > NodesPerFileMax)
            return Refuse($"the file has more than {NodesPerFileMax} values");
        if (level > NestingLevelsMax)
            return Refuse($"line {line}: nested more than {NestingLevelsMax} levels deep");
        switch (current)
        {
            case Scalar scalar:
                var quoted = scalar.Style is not (ScalarStyle.Plain or ScalarStyle.Any);
                return Anchored(scalar, new YamlNode.Scalar(line, scalar.Value, quoted));
            case SequenceStart start:
                return Anchored(start, ReadSequence(line, level));
            case MappingStart start:
                return Anchored(start, ReadMapping(line, level));
            case AnchorAlias alias:
                return Resolve(alias, line);
            default:
                return Refuse($"line {line}: nothing that can be read");
        }
    }

    YamlNode? ReadSequence(int line, int level)
    {
        var items = new List<YamlNode>();
        while (MoveNext() && parser.Current is not SequenceEnd)
            if (ReadNode(level + 1) is { } item)
                items.Add(item);
            else
                return null;
        return new YamlNode.Sequence(line, items, 1 + items.Sum(i => i.Count));
    }

    YamlNode? ReadMapping(int line, int level)
    {
        var entries = new List<KeyValuePair<string, YamlNode>>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        while (MoveNext() && parser.Current is not MappingEnd)
        {
            if (ReadNode(level + 1) is not { } keyNode)
                return null;
            if (keyNode is not YamlNode.Scalar key)
                return Refuse($"line {keyNode.Line}: a key that is not a word");
            if (!keys.Add(key.Text))
                return Refuse($"line {key.Line}: the key '{key.Text}' is there twice");
            if (!MoveNext() || ReadNode(level + 1) is not { } value)
                return null;
            entries.Add(new(key.Text, value));
        }
        return new YamlNode.Mapping(line, entries, 1 + entries.Sum(e => 1 + e.Value.Count));
    }

    YamlNode? Anchored(NodeEvent start, YamlNode? node)
    {
        if (node is not null && !start.Anchor.IsEmpty)
            anchors[start.Anchor] = node;
        return node;
    }

    /// <summary>Counted as if it were written out, so that a few aliases cannot stand for millions.</summary>
    YamlNode? Resolve(AnchorAlias alias, int line)
    {
        if (!anchors.TryGetValue(alias.Value, out var node))
            return Refuse($"line {line}: '*{alias.Value}' stands for nothing");
        nodes += node.Count;
        return nodes > NodesPerFileMax
            ? Refuse($"the file has more than {NodesPerFileMax} values")
            : node;
    }

    YamlNode? Refuse(string reason)
    {
        problem ??= reason;
        return null;
    }
}
