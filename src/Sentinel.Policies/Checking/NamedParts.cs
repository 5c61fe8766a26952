using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary>
/// The named parts of one rule's conditions, each bound when it is first asked for, so that their order
/// means nothing.
/// </summary>
sealed class NamedParts(Reporter reporter)
{
    readonly Dictionary<string, Part> parts = [];

    /// <summary>Binds one part's condition.</summary>
    public required Func<ConditionSyntax, NamedParts, BoundTree?> Bind { get; init; }

    public bool Contains(string name) => parts.ContainsKey(name);

    /// <summary>Whether some could not be read: then an unknown name is not to blame.</summary>
    public bool AreDamaged { get; init; }

    public void Declare(PartClause clause) => parts[clause.Name.Value] = new Part(clause);

    public IEnumerable<Token> Unused =>
        parts.Values.Where(p => !p.IsUsed).Select(p => p.Clause.Name);

    /// <summary>Null for one that is unknown, which is reported, or wrong, which was.</summary>
    public BoundTree? Find(Token name)
    {
        if (parts.TryGetValue(name.Value, out var part))
            return Tree(part, name);
        if (AreDamaged)
            return null;
        reporter.Add(
            Codes.UnknownPart,
            name.Place,
            $"No 'let … = where' of this rule is called {name}.",
            Suggestions.DidYouMean(name.Value, parts.Keys)
                ?? $"To ask for the field, write '{name.Value} exists' or compare it."
        );
        return null;
    }

    /// <summary>All whose names match, in the order in which they are declared.</summary>
    public IReadOnlyList<BoundTree?> Matching(Token pattern)
    {
        if (!pattern.Value.Contains('*'))
            return [Find(pattern)];
        var like = LikePattern.Parse(pattern.Value);
        var found = parts
            .Values.Where(p => like.Matches(p.Clause.Name.Value, cased: true))
            .ToList();
        if (found.Count == 0 && !AreDamaged)
            reporter.Add(
                Codes.UnknownPart,
                pattern.Place,
                $"No 'let … = where' of this rule has a name like {pattern}.",
                Suggestions.DidYouMean(pattern.Value, parts.Keys)
            );
        return found.Count == 0 ? [null] : [.. found.Select(p => Tree(p, pattern))];
    }

    BoundTree? Tree(Part part, Token from)
    {
        part.IsUsed = true;
        if (part.IsBound)
            return part.Tree;
        if (part.IsBinding)
        {
            reporter.Add(
                Codes.CircularPart,
                from.Place,
                $"'{part.Clause.Name.Value}' is a part of itself.",
                "Let a part name only others, which do not name it."
            );
            return null;
        }
        part.IsBinding = true;
        part.Tree = Bind(part.Clause.Where, this);
        part.IsBound = true;
        return part.Tree;
    }

    /// <summary>Parts that nothing uses are checked too.</summary>
    public void BindUnused()
    {
        foreach (var part in parts.Values.Where(p => !p.IsBound).ToList())
        {
            part.Tree = Bind(part.Clause.Where, this);
            part.IsBound = true;
        }
    }

    sealed class Part(PartClause clause)
    {
        public PartClause Clause => clause;
        public bool IsUsed { get; set; }
        public bool IsBinding { get; set; }
        public bool IsBound { get; set; }
        public BoundTree? Tree { get; set; }
    }
}

/// <param name="Terms">How many leaves are evaluated for it at most.</param>
sealed record BoundTree(ConditionTree Tree, int Terms);
