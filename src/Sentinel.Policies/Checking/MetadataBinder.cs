using System.Globalization;
using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary>What people say about a rule.</summary>
sealed class MetadataBinder(Reporter reporter, DeclarationSyntax declaration)
{
    static readonly string[] statuses =
    [
        "stable",
        "test",
        "experimental",
        "deprecated",
        "unsupported",
    ];

    static readonly string[] levels = ["informational", "low", "medium", "high", "critical"];

    static readonly string[] relations = ["derived", "obsolete", "merged", "renamed", "similar"];

    readonly OnceOnly once = new(reporter, declaration);

    public RuleMetadata Bind() =>
        new()
        {
            Id = Single("id") is { } id ? Identifier(id) : null,
            Title = Single("title")?.Value,
            Author = Single("author")?.Value,
            License = Single("license")?.Value,
            Status = Single("status") is { } status ? OneOf(status, "a status", statuses) : null,
            Level = Single("level") is { } level ? OneOf(level, "a level", levels) : null,
            Date = Single("date") is { } date ? Day(date) : null,
            Modified = Single("modified") is { } modified ? Day(modified) : null,
            References = [.. All("reference").Select(said => said[0].Value)],
            FalsePositives = [.. All("false").Select(said => said[0].Value)],
            Tags = [.. All("tag").SelectMany(said => said).Select(tag => tag.Value).Distinct()],
            Related = [.. All("related").Select(Relation).OfType<RelatedRule>()],
        };

    Token? Single(string keyword) => once.Optional<AboutClause>(keyword)?.Said[0];

    IEnumerable<IReadOnlyList<Token>> All(string keyword) =>
        declaration.Of<AboutClause>().Where(c => c.At.Value == keyword).Select(c => c.Clause.Said);

    RelatedRule? Relation(IReadOnlyList<Token> said)
    {
        var how = OneOf(said[0], "a relation", relations);
        var id = Identifier(said[1]);
        return how is null || id is null ? null : new RelatedRule(how, id.Value);
    }

    Guid? Identifier(Token token)
    {
        if (Guid.TryParseExact(token.Value, "D", out var id))
            return id;
        reporter.Add(
            Codes.WrongMetadata,
            token.Place,
            $"{token} is not an id.",
            "Write a UUID, such as 5af54681-df95-4c26-854f-2565e13cfab0."
        );
        return null;
    }

    DateOnly? Day(Token token)
    {
        var culture = CultureInfo.InvariantCulture;
        if (
            DateOnly.TryParseExact(
                token.Value,
                "yyyy-MM-dd",
                culture,
                DateTimeStyles.None,
                out var day
            )
        )
            return day;
        reporter.Add(
            Codes.WrongMetadata,
            token.Place,
            $"{token} is not a date.",
            "Write 2027-01-31."
        );
        return null;
    }

    string? OneOf(Token token, string what, string[] words)
    {
        if (words.Contains(token.Value))
            return token.Value;
        reporter.Add(
            Codes.WrongMetadata,
            token.Place,
            $"{token} is not {what}.",
            Suggestions.DidYouMean(token.Value, words) ?? $"Write {string.Join(", ", words)}."
        );
        return null;
    }
}
