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
        var held = new List<HeldEvent>(steps.Sum(s => s.Events.Count));
        foreach (var step in steps)
            held.AddRange(step.Events);
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
            AssetIds = AssetsOf(held),
            First = match.First,
            Last = match.Last,
            Count = match.Count,
            Steps = [.. steps.Select(s => ToHitStep(plan, s))],
            IncludesLate = held.Exists(e => e.Late),
            Events = EventsOf(held),
            From = CausesOf(held),
            Source = plan.Source(match),
        };
    }

    static HitStep ToHitStep(RulePlan plan, MatchStep step) =>
        new(
            plan.Matcher.Selectors[step.Selector].Name,
            step.Absent,
            step.Events.Count == 0 ? null : step.Events[0].Time,
            step.Events.Count == 0 ? null : step.Events[^1].Time,
            new HitEventIds(EventsIn(step))
        );

    static List<HitEvent> EventsIn(MatchStep step)
    {
        var events = new List<HitEvent>(step.Events.Count);
        foreach (var one in step.Events)
            one.AddHitEvents(events);
        return events;
    }

    static IReadOnlyList<Guid> AssetsOf(List<HeldEvent> held) =>
        held.Exists(e => e.AssetIds.Count > 0)
            ? [.. held.SelectMany(e => e.AssetIds).Distinct()]
            : [];

    static IReadOnlyList<HitCause> CausesOf(List<HeldEvent> held) =>
        held.Exists(e => e.Cause is not null)
            ? [.. held.Select(e => e.Cause).OfType<HitCause>().Distinct()]
            : [];

    static IReadOnlyList<HitEvent> EventsOf(List<HeldEvent> held)
    {
        var events = new List<HitEvent>(held.Count);
        foreach (var one in InOrder(held))
            one.AddHitEvents(events);
        // Hits may share events, and may have come later than events behind them.
        return held.Exists(e => e.Cause is not null)
            ?
            [
                .. events
                    .DistinctBy(e => e.EventId)
                    .OrderBy(e => e.EventTime)
                    .ThenBy(e => e.InputKey, StringComparer.Ordinal)
                    .ThenBy(e => e.Line),
            ]
            : events;
    }

    static IEnumerable<HeldEvent> InOrder(List<HeldEvent> held)
    {
        for (var i = 1; i < held.Count; i++)
            // Steps of a sequence mostly follow one another, and then there is nothing to sort.
            if (held[i - 1].Order >= held[i].Order)
                return held.DistinctBy(e => e.Order).OrderBy(e => e.Order);
        return held;
    }
}
