using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary>
/// All declarations of all files together, in the order in which they depend on each other: start here.
/// </summary>
sealed class PolicyChecker(CheckScope scope)
{
    readonly List<(Reporter Reporter, DeclarationSyntax Declaration)> declarations = [];
    readonly HashSet<(string Kind, string Name)> names = [];

    public void Add(Reporter reporter, IEnumerable<DeclarationSyntax> ofFile)
    {
        foreach (var declaration in ofFile)
        {
            var (keyword, name) = (declaration.Keyword.Value, declaration.Name);
            Literals.Name(reporter, name);
            if (!names.Add((keyword, name.Value)))
                reporter.RepeatedName(name, keyword);
            declarations.Add((reporter, declaration));
        }
    }

    /// <summary>What could be checked; wrong declarations are left out, and reported.</summary>
    public CheckedParts Check()
    {
        var lists = Of("list").Select(d => List(d.Reporter, d.Declaration)).ToList();
        scope.Sources.UnionWith(Of("source").Select(d => d.Declaration.Name.Value));
        scope.Slas.UnionWith(Of("sla").Select(d => d.Declaration.Name.Value));
        var sources = Of("source")
            .Select(d => new SourceChecker(d.Reporter, scope, d.Declaration).Check())
            .ToList();
        var ofSources = sources
            .Where(s => s is { RecordIsOpen: true })
            .SelectMany(s => s!.Record.All)
            .Select(f => f.Name)
            .ToHashSet();
        var rules = CheckRules([.. Of("rule")]);
        scope.Members.ReportSlips(ofSources);
        var calendars = Of("calendar").Select(d => Calendar(d.Reporter, d.Declaration)).ToList();
        var slas = Of("sla")
            .Select(d => new ReferenceChecker(d.Reporter, d.Declaration).CheckSla(scope))
            .ToList();
        var mappings = Of("mapping")
            .Select(d => new CaseworkChecker(d.Reporter, d.Declaration).CheckMapping())
            .ToList();
        var kept = new HashSet<string>();
        var retentions = Of("retention")
            .Select(d => new CaseworkChecker(d.Reporter, d.Declaration).CheckRetention(scope, kept))
            .ToList();
        var escalations = Of("escalation")
            .Select(d => new EscalationChecker(d.Reporter, scope, d.Declaration).Check())
            .ToList();
        return new CheckedParts(
            [.. sources.OfType<SourceDeclaration>().Select(WithOpenMembers)],
            rules,
            [.. escalations.OfType<EscalationDeclaration>().OrderBy(e => e.Order)],
            [.. slas.OfType<SlaDeclaration>()],
            [.. calendars.OfType<CalendarDeclaration>()],
            [.. lists.OfType<ListDeclaration>()],
            [.. mappings.OfType<MappingDeclaration>()],
            [.. retentions.OfType<RetentionDeclaration>()]
        );
    }

    /// <summary>Each after those that it builds on, and then in the order of the text.</summary>
    IReadOnlyList<RuleDeclaration> CheckRules(
        IReadOnlyList<(Reporter Reporter, DeclarationSyntax Declaration)> written
    )
    {
        var found = new Dictionary<DeclarationSyntax, RuleDeclaration?>();
        foreach (var (reporter, rule) in new RuleOrder(written, scope).InOrder())
            found[rule] = new RuleChecker(reporter, scope, rule).Check();
        return [.. written.Select(r => found[r.Declaration]).OfType<RuleDeclaration>()];
    }

    /// <summary>Rules are read after sources, so only now is known which members they name.</summary>
    SourceDeclaration WithOpenMembers(SourceDeclaration source)
    {
        if (!source.RecordIsOpen)
            return source;
        var fields = scope
            .Events.All.Where(f => !EventFields.NeverFromMembers.Contains(f.Name))
            .ToList();
        List<MemberMap> members =
        [
            .. source.Below.SelectMany(below =>
                fields.Select(f => new MemberMap($"{below}.{EventFields.MemberOf(f.Name)}", f))
            ),
            .. fields.Select(f => new MemberMap(EventFields.MemberOf(f.Name), f)),
        ];
        foreach (var name in members.Select(m => m.Path).Concat(source.Below))
            source.Record.Declare(name, FieldType.Untyped);
        return source with { OpenMembers = members };
    }

    IEnumerable<(Reporter Reporter, DeclarationSyntax Declaration)> Of(string keyword) =>
        declarations.Where(d => d.Declaration.Keyword.Value == keyword);

    CalendarDeclaration? Calendar(Reporter reporter, DeclarationSyntax declaration)
    {
        var calendar = new CalendarChecker(reporter, declaration).Check();
        scope.Calendars[declaration.Name.Value] = calendar;
        return calendar;
    }

    ListDeclaration? List(Reporter reporter, DeclarationSyntax declaration)
    {
        var list = new ReferenceChecker(reporter, declaration).CheckList();
        scope.Lists[declaration.Name.Value] = list;
        return list;
    }
}

sealed record CheckedParts(
    IReadOnlyList<SourceDeclaration> Sources,
    IReadOnlyList<RuleDeclaration> Rules,
    IReadOnlyList<EscalationDeclaration> Escalations,
    IReadOnlyList<SlaDeclaration> Slas,
    IReadOnlyList<CalendarDeclaration> Calendars,
    IReadOnlyList<ListDeclaration> Lists,
    IReadOnlyList<MappingDeclaration> Mappings,
    IReadOnlyList<RetentionDeclaration> Retentions
);
