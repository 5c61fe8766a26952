namespace Sentinel.Policies.Syntax;

/// <summary>The tokens of one declaration: its first line, and its clauses.</summary>
sealed record DeclarationTokens(
    IReadOnlyList<Token> Header,
    IReadOnlyList<IReadOnlyList<Token>> Clauses
);

/// <summary>
/// Where declarations and clauses begin, by their indentation: a declaration at the start of a line,
/// its clauses indented alike, what belongs to a clause deeper. One mistake spoils one clause.
/// </summary>
static class Layout
{
    /// <summary>Words and signs that go on with the clause before them, wherever they stand.</summary>
    static readonly HashSet<string> Continuations =
    [
        "and",
        "or",
        "then",
        "is",
        "within",
        "having",
        "at",
        "expect",
        "until",
        "because",
        ")",
        ",",
        "+",
        "-",
    ];

    public static IReadOnlyList<DeclarationTokens> Split(IReadOnlyList<Token> tokens)
    {
        var declarations = new List<DeclarationTokens>();
        for (int start = 0, end; start < tokens.Count; start = end)
        {
            end = start + 1;
            while (end < tokens.Count && !StartsDeclaration(tokens[end]))
                end++;
            declarations.Add(SplitClauses([.. tokens.Skip(start).Take(end - start)]));
        }
        return declarations;
    }

    public static bool StartsDeclaration(Token token) =>
        token.FirstOnLine && token.Place.Column == 1;

    static DeclarationTokens SplitClauses(IReadOnlyList<Token> tokens)
    {
        var header = tokens.Skip(1).TakeWhile(t => !t.FirstOnLine).Prepend(tokens[0]).ToList();
        var clauses = new List<IReadOnlyList<Token>>();
        var clause = new List<Token>();
        var column = header.Count < tokens.Count ? tokens[header.Count].Place.Column : 0;
        var depth = 0;
        foreach (var token in tokens.Skip(header.Count))
        {
            if (StartsClause(token, column, depth) && clause.Count > 0)
            {
                clauses.Add(clause);
                clause = [];
                depth = 0;
            }
            depth +=
                token.IsSymbol("(") ? 1
                : token.IsSymbol(")") ? -1
                : 0;
            clause.Add(token);
        }
        if (clause.Count > 0)
            clauses.Add(clause);
        return new DeclarationTokens(header, clauses);
    }

    static bool StartsClause(Token token, int column, int depth) =>
        token.FirstOnLine
        && token.Place.Column <= column
        && depth <= 0
        && (token.IsQuoted || !Continuations.Contains(token.Value));
}
