using Sentinel.Policies.Checking;
using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies;

/// <summary>
/// Everything that a set of policy files declares, checked and compiled against one field table: start here.
/// </summary>
public sealed record Policy(
    FieldTable Fields,
    IReadOnlyList<SourceDeclaration> Sources,
    IReadOnlyList<RuleDeclaration> Rules,
    IReadOnlyList<EscalationDeclaration> Escalations,
    IReadOnlyList<SlaDeclaration> Slas,
    IReadOnlyList<CalendarDeclaration> Calendars,
    IReadOnlyList<ListDeclaration> Lists,
    IReadOnlyList<MappingDeclaration> Mappings,
    IReadOnlyList<RetentionDeclaration> Retentions
)
{
    /// <summary>
    /// Reads all files together, so that a rule may use a list of another file. Declares the sources'
    /// fields in <paramref name="fields"/>, unless the text is bad. Bad text gives every diagnostic at
    /// once and never throws.
    /// </summary>
    public static PolicyLoad Load(IEnumerable<PolicyText> texts, FieldTable fields)
    {
        // Bound against a copy with the same ordinals: a rejected text leaves the host's table alone.
        var events = new FieldTable(fields.All.Select(f => (f.Name, f.Type)));
        var checker = new PolicyChecker(new CheckScope(events));
        var reporters = texts.Select(text => new Reporter(text)).ToList();
        // Texts are parsed each on its own, and checked together.
        var parsed = new IReadOnlyList<DeclarationSyntax>[reporters.Count];
        Parallel.For(
            0,
            reporters.Count,
            i => parsed[i] = new DeclarationParser(reporters[i]).Parse()
        );
        foreach (var (reporter, declarations) in reporters.Zip(parsed))
            checker.Add(reporter, declarations);
        var policy = checker.Check();
        Diagnostic[] diagnostics =
        [
            .. reporters.SelectMany(r => r.Diagnostics.OrderBy(d => d.Line).ThenBy(d => d.Column)),
        ];
        if (reporters.Exists(r => r.HasErrors))
            return new PolicyLoad.Rejected(diagnostics);
        foreach (var field in events.All.Skip(fields.Count))
            fields.Declare(field.Name, field.Type);
        return new PolicyLoad.Loaded(
            new Policy(
                fields,
                policy.Sources,
                policy.Rules,
                policy.Escalations,
                policy.Slas,
                policy.Calendars,
                policy.Lists,
                policy.Mappings,
                policy.Retentions
            )
        )
        {
            Warnings = diagnostics,
        };
    }
}

/// <summary>A policy, or what is wrong with the text.</summary>
public abstract record PolicyLoad
{
    public sealed record Loaded(Policy Policy) : PolicyLoad
    {
        public IReadOnlyList<Diagnostic> Warnings { get; init; } = [];
    }

    public sealed record Rejected(IReadOnlyList<Diagnostic> Diagnostics) : PolicyLoad;
}
