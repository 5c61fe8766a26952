namespace Sentinel.Policies.Sigma;

/// <summary>What some rules leave out in one place of use: a filter of the specification.</summary>
/// <param name="Rules">Ids or names; null for all rules of the log source.</param>
sealed record SigmaFilter(
    SigmaHead Head,
    LogSource LogSource,
    IReadOnlyList<string>? Rules,
    IReadOnlyList<Detection> Detections,
    SigmaCondition Condition
)
{
    public static SigmaFilter? Read(YamlNode.Mapping map, SigmaHead head, SigmaProblem problem)
    {
        if (map["logsource"] is not YamlNode.Mapping source)
            return problem.Add<SigmaFilter>("there is no logsource");
        var filter = (YamlNode.Mapping)map["filter"]!;
        var rules = filter.Texts("rules");
        if (rules.Count == 0)
            return problem.Add<SigmaFilter>("the filter names no rules");
        var others = filter.Entries.Where(e => e.Key != "rules").ToList();
        var detection = new YamlNode.Mapping(filter.Line, others, filter.Count);
        return RuleReader.ReadDetections(detection, problem) is var (detections, condition)
            ? new SigmaFilter(
                head,
                RuleReader.ReadLogSource(source),
                rules is ["any"] ? null : rules,
                detections,
                condition
            )
            : null;
    }

    public bool AppliesTo(SigmaRule rule) =>
        (Rules is null || Rules.Any(r => r == rule.Head.Id || r == rule.Head.Name))
        && (LogSource.Product ?? rule.LogSource.Product) == rule.LogSource.Product
        && (LogSource.Category ?? rule.LogSource.Category) == rule.LogSource.Category
        && (LogSource.Service ?? rule.LogSource.Service) == rule.LogSource.Service;

    /// <summary>
    /// The rule without what the filter is about. The specification writes that as a selection, many
    /// filters write its negation: both mean that the selection is left out.
    /// </summary>
    /// <param name="number">Tells its search identifiers from those of other filters.</param>
    public SigmaRule ApplyTo(SigmaRule rule, int number)
    {
        var prefix = $"left_out_{number}_";
        var without =
            Condition is SigmaCondition.Not
                ? Renamed(Condition, prefix)
                : new SigmaCondition.Not(Renamed(Condition, prefix));
        return rule with
        {
            Detections =
            [
                .. rule.Detections,
                .. Detections.Select(d => d with { Name = prefix + d.Name }),
            ],
            Condition = new SigmaCondition.All([rule.Condition, without]),
        };
    }

    static SigmaCondition Renamed(SigmaCondition condition, string prefix) =>
        condition switch
        {
            SigmaCondition.All all => new SigmaCondition.All([
                .. all.Of.Select(o => Renamed(o, prefix)),
            ]),
            SigmaCondition.Any any => new SigmaCondition.Any([
                .. any.Of.Select(o => Renamed(o, prefix)),
            ]),
            SigmaCondition.Not not => new SigmaCondition.Not(Renamed(not.Of, prefix)),
            SigmaCondition.Named named => new SigmaCondition.Named(prefix + named.Name),
            SigmaCondition.Quantity of => of with
            {
                Pattern = prefix + of.Pattern,
                Names = [.. of.Names.Select(n => prefix + n)],
            },
            _ => throw new System.Diagnostics.UnreachableException(),
        };
}
