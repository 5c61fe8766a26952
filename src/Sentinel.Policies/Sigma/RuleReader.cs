namespace Sentinel.Policies.Sigma;

/// <summary>One YAML document as a rule.</summary>
static class RuleReader
{
    const int TitleCharsMax = 500;
    const int ListItemsMax = 500;

    public static SigmaHead? ReadHead(YamlNode.Mapping map, string file, SigmaProblem problem)
    {
        if (map.TextOf("title") is not { Length: <= TitleCharsMax } title)
            return problem.Add<SigmaHead>(
                $"there is no title of at most {TitleCharsMax} characters"
            );
        if (map.TextOf("taxonomy") is { } taxonomy && taxonomy != "sigma")
            return problem.Add<SigmaHead>($"the taxonomy '{taxonomy}' is not Sigma's own");
        return new SigmaHead
        {
            File = file,
            Title = title,
            Id = map.TextOf("id"),
            Name = map.TextOf("name"),
            Description = map.TextOf("description"),
            Author =
                map["author"] is YamlNode.Sequence
                    ? string.Join(", ", map.Texts("author"))
                    : map.TextOf("author"),
            Licence = map.TextOf("license"),
            Level = map.TextOf("level"),
            Status = map.TextOf("status"),
            Date = map.TextOf("date"),
            Modified = map.TextOf("modified"),
            References = Items(map, "references"),
            Tags = Items(map, "tags"),
            FalsePositives = Items(map, "falsepositives"),
            Related = map["related"] is YamlNode.Sequence related
                ? [.. related.Items.OfType<YamlNode.Mapping>().SelectMany(ReadRelation)]
                : [],
        };
    }

    public static SigmaRule? Read(YamlNode.Mapping map, SigmaHead head, SigmaProblem problem)
    {
        if (map["logsource"] is not YamlNode.Mapping source)
            return problem.Add<SigmaRule>("there is no logsource");
        if (map["detection"] is not YamlNode.Mapping detection)
            return problem.Add<SigmaRule>("there is no detection");
        var logSource = ReadLogSource(source);
        return ReadDetections(detection, problem) is var (detections, condition)
            ? new SigmaRule(head, logSource, detections, condition)
            : null;
    }

    public static LogSource ReadLogSource(YamlNode.Mapping map) =>
        new(
            Lower(map.TextOf("product")),
            Lower(map.TextOf("category")),
            Lower(map.TextOf("service"))
        );

    public static (IReadOnlyList<Detection> Detections, SigmaCondition Condition)? ReadDetections(
        YamlNode.Mapping map,
        SigmaProblem problem
    )
    {
        var reader = new DetectionReader(problem);
        var detections = new List<Detection>();
        foreach (var (name, node) in map.Entries)
        {
            if (name is "condition" or "timeframe")
                continue;
            if (reader.Read(node) is not { } match)
            {
                problem.Add<Detection>($"the search identifier '{name}' cannot be read");
                return null;
            }
            detections.Add(new Detection(name, match));
        }
        List<string> names = [.. detections.Select(d => d.Name)];
        List<SigmaCondition?> of =
        [
            .. map.Texts("condition").Select(text => ConditionReader.Read(text, names, problem)),
        ];
        if (of.Count == 0)
            problem.Add<SigmaCondition>("there is no condition");
        if (of.Count == 0 || of.Contains(null) || problem.Reason is not null)
            return null;
        return (detections, of.Count == 1 ? of[0]! : new SigmaCondition.Any([.. of!]));
    }

    static IEnumerable<(string, string)> ReadRelation(YamlNode.Mapping map) =>
        map.TextOf("type") is { } how && map.TextOf("id") is { } id ? [(how, id)] : [];

    static IReadOnlyList<string> Items(YamlNode.Mapping map, string key) =>
        [.. map.Texts(key).Take(ListItemsMax)];

    static string? Lower(string? text) => text?.ToLowerInvariant();
}
