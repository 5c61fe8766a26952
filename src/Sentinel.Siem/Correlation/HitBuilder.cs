namespace Sentinel.Siem.Correlation;

/// <summary>Puts a match into the words and numbers of a hit.</summary>
static class HitBuilder
{
    public static CorrelationHit Build(
        RulePlan plan,
        CompletedMatch match,
        Guid id,
        Guid findingId,
        bool suppressed,
        CorrelatorLimits limits
    )
    {
        var rule = plan.Rule;
        var (confidence, reasons) = plan.Confidence(match.View);
        var steps = match.Steps(suppressed ? limits.SuppressedHitEventsMax : int.MaxValue);
        return new CorrelationHit
        {
            Id = id,
            FindingId = findingId,
            Suppressed = suppressed,
            RuleName = rule.Name,
            RuleId = rule.Id,
            GivenRuleId = rule.Metadata.Id,
            PolicySha256 = rule.Text.Sha256,
            FindingType = rule.Raise.FindingType,
            Severity = rule.Severity,
            Confidence = confidence,
            Reasons = reasons,
            Message = plan.Message(match.Key, match.View),
            Key =
            [
                .. match.Key.Parts.Select(
                    (part, i) => KeyValuePair.Create(rule.Pattern.KeyNames[i], part)
                ),
            ],
            Fields = plan.Fields(match.Key, match.View),
            AssetIds = [.. steps.SelectMany(s => s.Events).SelectMany(e => e.AssetIds).Distinct()],
            First = match.First,
            Last = match.Last,
            Count = match.Count,
            Steps = [.. steps.Select(s => ToHitStep(plan, s))],
            IncludesLate = steps.Any(s => s.Events.Any(e => e.Late)),
            Events = EventsOf(steps),
            From =
            [
                .. steps
                    .SelectMany(s => s.Events)
                    .Select(e => e.Cause)
                    .OfType<HitCause>()
                    .Distinct(),
            ],
            Source = plan.Source(match),
        };
    }

    static HitStep ToHitStep(RulePlan plan, MatchStep step) =>
        new(
            plan.Matcher.Selectors[step.Selector].Name,
            step.Absent,
            step.Events.Count == 0 ? null : step.Events[0].Time,
            step.Events.Count == 0 ? null : step.Events[^1].Time,
            new HitEventIds([.. step.Events.SelectMany(e => e.HitEvents)])
        );

    static IReadOnlyList<HitEvent> EventsOf(IReadOnlyList<MatchStep> steps)
    {
        var held = steps.Count == 1 ? steps[0].Events : InOrder(steps);
        var events = held.SelectMany(e => e.HitEvents);
        // Hits may share events, and may have come later than events behind them.
        return held.Any(e => e.Cause is not null)
            ?
            [
                .. events
                    .DistinctBy(e => e.EventId)
                    .OrderBy(e => e.EventTime)
                    .ThenBy(e => e.InputKey, StringComparer.Ordinal)
                    .ThenBy(e => e.Line),
            ]
            : [.. events];
    }

    static IReadOnlyList<HeldEvent> InOrder(IReadOnlyList<MatchStep> steps)
    {
        List<HeldEvent> events = [.. steps.SelectMany(s => s.Events)];
        for (var i = 1; i < events.Count; i++)
            // Steps of a sequence mostly follow one another, and then there is nothing to sort.
            if (events[i - 1].Order >= events[i].Order)
                return [.. events.DistinctBy(e => e.Order).OrderBy(e => e.Order)];
        return events;
    }
}
