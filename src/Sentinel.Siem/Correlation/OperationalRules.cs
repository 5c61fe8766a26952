using System.Globalization;
using System.Text;
using Sentinel.Policies.Compilation;
using Sentinel.Policies.Model;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Siem.Correlation;

/// <summary>
/// Findings about the watching itself: a source that falls silent, a clock that drifts, a limit that was
/// reached. Built in, but with text, version and hash as any rule, so that they explain themselves.
/// </summary>
public static class OperationalRules
{
    const string SilentName = "source_silent";
    const string DriftName = "clock_drift";
    const string LimitName = "correlation_limit";

    /// <summary>Published as it stands, for whoever asks why such a finding exists.</summary>
    public static PolicyText Text { get; } =
        new(
            "built-in/operations.sentinel",
            """
            # Built into the program; the engine itself evaluates what the language cannot say.

            rule source_silent
              "A source that says 'silent after' has sent nothing for that long"
              severity 4
              # when no event of a source comes within its 'silent after' of the latest one,
              # measured by the watermark, and for live sources by the clock
              # confidence 90, once for each silence

            rule clock_drift
              "The clock of a live source is more than five minutes off"
              severity 3
              # when any event of live input has clock_drift, by source_system, host
              # confidence 90, once per source_system, host in 1h

            rule correlation_limit
              "A rule had to forget keys or events before their window was over"
              severity 5
              # when a rule reaches its limit of keys or of events for a key; the newest are kept
              # confidence 100, once per rule in 1h

            """.ReplaceLineEndings("\n")
        );

    /// <summary>The clock rule runs in the engine like any other.</summary>
    public static RuleDeclaration ClockDrift(FieldTable fields)
    {
        var drift = Field(fields, "clock_drift");
        Field[] key = [Field(fields, "source_system"), Field(fields, "host")];
        const string text = "clock_drift == true";
        var condition = ConditionCompiler.Condition(
            text,
            new ConditionTree.LeafOf(text, new Predicate(drift, new PredicateTest.FlagIs(true)))
        );
        var selector = new EventSelector("drifting", null, null, [condition]);
        IReadOnlyList<string> names = [.. key.Select(f => f.Name)];
        var by = new Dictionary<string, IReadOnlyList<Field>> { [selector.Name] = key };
        IReadOnlyList<MessagePart> per = [new MessagePart.Key(0), new MessagePart.Key(1)];
        return Declare(
            DriftName,
            "The clock of a live source is more than five minutes off",
            3,
            new Pattern.Single(selector, names, by),
            new Confidence(90, []),
            new Raise(
                DriftName,
                [
                    new MessagePart.Literal("The clock of "),
                    new MessagePart.Key(1),
                    new MessagePart.Literal(" is off by more than five minutes."),
                ]
            ),
            new OncePer(per, TimeSpan.FromHours(1))
        );
    }

    /// <summary>All of them, for the register of rule versions.</summary>
    public static IReadOnlyList<RuleDeclaration> All(FieldTable fields) =>
        [ClockDrift(fields), Unevaluated(SilentName, 4), Unevaluated(LimitName, 5)];

    internal static CorrelationHit Silent(
        Guid organisationId,
        string source,
        TimeSpan silentAfter,
        DateTimeOffset latest
    ) =>
        Hit(
            organisationId,
            (SilentName, 4, 90),
            ("source_system", source),
            $"{source} has sent nothing since {Timestamps.ToText(latest)}, for {silentAfter} and more.",
            latest,
            latest + silentAfter
        );

    internal static CorrelationHit Limit(
        Guid organisationId,
        RuleDeclaration rule,
        long forgotten,
        DateTimeOffset at
    ) =>
        Hit(
            organisationId,
            (LimitName, 5, 100),
            ("rule", rule.Name),
            string.Create(
                CultureInfo.InvariantCulture,
                $"The rule {rule.Name} reached its limit and forgot {forgotten} keys or events."
            ),
            at,
            at
        );

    static CorrelationHit Hit(
        Guid organisationId,
        (string Name, int Severity, int Confidence) rule,
        (string Name, string Value) key,
        string message,
        DateTimeOffset first,
        DateTimeOffset last
    )
    {
        var named = $"{rule.Name} {organisationId} {last.UtcTicks} {key.Value}";
        var id = DerivedId.From(last, Encoding.UTF8.GetBytes($"hit {named}"));
        return new CorrelationHit
        {
            Id = id,
            FindingId = DerivedId.From(last, Encoding.UTF8.GetBytes($"finding {id}")),
            Suppressed = false,
            RuleName = rule.Name,
            RuleId = IdOf(rule.Name),
            PolicySha256 = Text.Sha256,
            FindingType = rule.Name,
            Severity = rule.Severity,
            Confidence = rule.Confidence,
            Reasons = [$"{rule.Confidence} base"],
            Message = message,
            Key = [KeyValuePair.Create(key.Name, key.Value)],
            Fields = new Dictionary<string, string> { [key.Name] = key.Value },
            AssetIds = [],
            First = first,
            Last = last,
            Count = 0,
            Steps = [],
            Events = [],
        };
    }

    static RuleDeclaration Unevaluated(string name, int severity) =>
        Declare(
            name,
            "Evaluated by the engine itself",
            severity,
            new Pattern.Single(
                new EventSelector(
                    "none",
                    null,
                    null,
                    [ConditionCompiler.Condition("never", new ConditionTree.AnyOf([]))]
                ),
                [],
                new Dictionary<string, IReadOnlyList<Field>>()
            ),
            new Confidence(0, []),
            new Raise(name, []),
            null
        );

    static RuleDeclaration Declare(
        string name,
        string description,
        int severity,
        Pattern pattern,
        Confidence confidence,
        Raise raise,
        OncePer? once
    ) =>
        new(name, IdOf(name), Text, description, severity, [], pattern, confidence, raise, once)
        {
            Logic = $"{{\"rule\":\"{name}\",\"built_in\":true}}",
        };

    static Guid IdOf(string name) =>
        DerivedId.From(DateTimeOffset.UnixEpoch, Encoding.UTF8.GetBytes($"{Text.Sha256} {name}"));

    static Field Field(FieldTable fields, string name) =>
        fields.Find(name) ?? throw new InvalidOperationException($"There is no field '{name}'.");
}
