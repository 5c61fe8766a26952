using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary>Mappings and retentions: what casework and operations read, and detection does not.</summary>
sealed class CaseworkChecker(Reporter reporter, DeclarationSyntax declaration)
{
    const int RetentionYearsMax = 30;

    readonly OnceOnly once = new(reporter, declaration);

    public MappingDeclaration? CheckMapping()
    {
        var description = once.Optional<DescriptionClause>()?.Text.Value;
        var severities = Pairs("severity")
            .Select(p => (p.Theirs.Value, Ours: Literals.Severity(reporter, p.Ours)))
            .ToList();
        var categories = Pairs("category").ToList();
        foreach (var (_, ours) in categories)
            Literals.Name(reporter, ours, dotted: false);
        var asset = once.Optional<NameClause>("asset")?.Value.Value;
        if (declaration is { Clauses.Count: 0, Damaged: false })
            reporter.MissingClause(
                declaration.Name,
                $"The mapping {declaration.Name} maps nothing.",
                "Add 'severity \"sev1\" = 9', 'category \"Account compromise\" = account_taken' or 'asset device'."
            );
        return severities.Any(s => s.Ours is null)
            ? null
            : new MappingDeclaration(
                declaration.Name.Value,
                reporter.File,
                description,
                [.. severities.Select(s => KeyValuePair.Create(s.Value, s.Ours!.Value))],
                [.. categories.Select(c => KeyValuePair.Create(c.Theirs.Value, c.Ours.Value))],
                asset
            );
    }

    IEnumerable<MappedSyntax> Pairs(string keyword)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (
            var (at, clause) in declaration.Of<MappedClause>().Where(c => c.At.Value == keyword)
        )
        foreach (var pair in clause.Pairs)
        {
            if (!seen.Add(pair.Theirs.Value))
                reporter.Add(
                    Codes.MappedTwice,
                    pair.Theirs.Place,
                    $"{pair.Theirs} is mapped already.",
                    "Remove one of them."
                );
            yield return pair;
        }
    }

    /// <param name="kept">The sources that other retentions name already; null for the rest of them.</param>
    public RetentionDeclaration? CheckRetention(CheckScope scope, HashSet<string> kept)
    {
        var sources = once.Optional<SourcesClause>()?.Sources ?? [];
        foreach (var source in sources)
            if (!scope.Sources.Contains(source.Value))
                reporter.Add(
                    Codes.UnknownSource,
                    source.Place,
                    $"No source is called {source}.",
                    Suggestions.DidYouMean(source.Value, scope.Sources)
                );
        foreach (var name in sources.Count == 0 ? [declaration.Name] : sources)
            if (!kept.Add(sources.Count == 0 ? "" : name.Value))
                reporter.Add(
                    Codes.KeptTwice,
                    name.Place,
                    sources.Count == 0
                        ? "Another retention is for all other sources already."
                        : $"Another retention is for {name} already.",
                    "Say 'of SOURCE, …' with sources that no other retention has."
                );
        var events = Time(
            once.Required<NameClause>("how long events stay", "events 365d", "events")
        );
        var raw = Time(once.Optional<NameClause>("raw"));
        var afterwards = once.Optional<AfterwardsClause>();
        if (
            afterwards
            is { What.Value: "archive", Place: null }
                or { What.Value: "delete", Place: not null }
        )
            reporter.Add(
                Codes.Unexpected,
                afterwards.What.Place,
                "An archive is somewhere, and what is deleted is nowhere.",
                "Write 'afterwards archive \"s3://bucket/path\"', or 'afterwards delete'."
            );
        return events is null
            ? null
            : new RetentionDeclaration(
                declaration.Name.Value,
                reporter.File,
                [.. sources.Select(s => s.Value)],
                raw,
                events.Value,
                afterwards?.Place?.Value
            );
    }

    TimeSpan? Time(NameClause? clause) =>
        clause is null
            ? null
            : Literals.Duration(reporter, clause.Value, TimeSpan.FromDays(366 * RetentionYearsMax));
}
