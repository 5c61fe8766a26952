using Sprache;

namespace Sentinel.Policies.Syntax;

/// <summary>
/// Text to declarations, one at a time and clause by clause: start here. Every clause that cannot be
/// read gives one diagnostic, and the rest is read all the same.
/// </summary>
sealed class DeclarationParser(Reporter reporter)
{
    static readonly IReadOnlyDictionary<
        string,
        IReadOnlyDictionary<string, Parser<ClauseSyntax>>
    > clauses = new Dictionary<string, IReadOnlyDictionary<string, Parser<ClauseSyntax>>>
    {
        ["source"] = SourceGrammar.Clauses,
        ["rule"] = RuleGrammar.Clauses,
        ["escalation"] = CaseworkGrammar.EscalationClauses,
        ["calendar"] = CaseworkGrammar.CalendarClauses,
        ["mapping"] = CaseworkGrammar.MappingClauses,
        ["retention"] = CaseworkGrammar.RetentionClauses,
        ["list"] = new Dictionary<string, Parser<ClauseSyntax>>(),
        ["sla"] = new Dictionary<string, Parser<ClauseSyntax>>(),
    };

    static readonly Parser<ClauseSyntax> description = Grammar.Text.Select(text =>
        (ClauseSyntax)new DescriptionClause(text)
    );

    public IReadOnlyList<DeclarationSyntax> Parse()
    {
        var tokens = new Scanner(reporter).Scan();
        var declarations = new List<DeclarationSyntax>();
        foreach (var declaration in Layout.Split(tokens))
            if (ParseDeclaration(declaration) is { } parsed)
                declarations.Add(parsed);
        return declarations;
    }

    /// <summary>One condition that stands alone; null where it cannot be read.</summary>
    public ConditionSyntax? ParseCondition()
    {
        var tokens = new Scanner(reporter).Scan();
        if (tokens.Count == 0)
        {
            if (reporter.Diagnostics.Count == 0)
                reporter.Add(Codes.Unexpected, new TextPlace(0, 1, 1, 1), "There is no condition.");
            return null;
        }
        var result = ConditionGrammar.Condition(new TokenInput(WithEnd(tokens)));
        if (result.WasSuccessful && result.Remainder.AtEnd)
            return result.Value;
        ReportUnexpected(
            result.WasSuccessful
                ? Result.Failure<ConditionSyntax>(result.Remainder, "", [])
                : result
        );
        return null;
    }

    /// <summary>How many tokens of the first line name the declaration; a clause may follow there.</summary>
    public static int HeaderTokens(DeclarationTokens tokens) =>
        Header(tokens.Header[0].Value)(new TokenInput(WithEnd(tokens.Header))).Remainder.Position;

    DeclarationSyntax? ParseDeclaration(DeclarationTokens tokens)
    {
        var keyword = tokens.Header[0];
        if (!Layout.StartsDeclaration(keyword) || !clauses.ContainsKey(keyword.Value))
        {
            ReportUnknownDeclaration(keyword);
            return null;
        }
        var header = Header(keyword.Value);
        var input = new TokenInput(WithEnd(tokens.Header));
        var result = header(input);
        if (!result.WasSuccessful)
        {
            ReportUnexpected(result);
            return null;
        }
        var rest = tokens.Header.Skip(result.Remainder.Position).ToList();
        IReadOnlyList<IReadOnlyList<Token>> groups =
            rest.Count > 0 ? [rest, .. tokens.Clauses] : tokens.Clauses;
        var before = reporter.Diagnostics.Count;
        var parsed = groups.Select(g => (First: g[0], Clause: ParseClause(keyword.Value, g)));
        var read = parsed.ToList();
        var (name, type) = result.Value;
        IReadOnlyList<PlacedClause> placed = [.. read.Select(r => r.Clause).OfType<PlacedClause>()];
        var damaged = reporter.Diagnostics.Count > before;
        return new DeclarationSyntax(keyword, name, type, placed, damaged)
        {
            DamagedClauses = read.Where(r => r.Clause is null)
                .Select(r => r.First.Value)
                .ToHashSet(),
        };
    }

    static Parser<(Token Name, Token? Type)> Header(string keyword) =>
        from word in Grammar.Word(keyword)
        from name in Grammar.Name
        from type in keyword == "list"
            ? Grammar.Symbol(":").Then(_ => Grammar.Name).Select(t => (Token?)t)
            : Sprache.Parse.Return<Token?>(null)
        select (name, type);

    PlacedClause? ParseClause(string declaration, IReadOnlyList<Token> tokens)
    {
        var first = tokens[0];
        var body = 1;
        Parser<ClauseSyntax>? parser;
        if (declaration is "list" or "sla" || first.IsQuoted)
        {
            body = 0;
            parser = declaration switch
            {
                "list" => CaseworkGrammar.ListLine,
                "sla" => CaseworkGrammar.SlaLine,
                _ => description,
            };
        }
        else if (!clauses[declaration].TryGetValue(first.Value, out parser))
        {
            ReportUnknownClause(declaration, first);
            return null;
        }
        var result = parser(new TokenInput(WithEnd([.. tokens.Skip(body)], first)));
        if (result.WasSuccessful && result.Remainder.AtEnd)
            return new PlacedClause(first, result.Value);
        if (result.WasSuccessful)
            result = Result.Failure<ClauseSyntax>(result.Remainder, "", []);
        ReportUnexpected(result);
        return null;
    }

    static IReadOnlyList<Token> WithEnd(IReadOnlyList<Token> tokens, Token? before = null)
    {
        var last = tokens.Count > 0 ? tokens[^1] : before!;
        var place = last.Place with
        {
            Offset = last.Place.Offset + last.Place.Length,
            Column = last.Place.Column + last.Place.Length,
            Length = 0,
        };
        return [.. tokens, new Token(TokenKind.End, "", "", place, false)];
    }

    void ReportUnknownDeclaration(Token keyword)
    {
        if (Layout.StartsDeclaration(keyword))
        {
            var clauseOf = clauses.FirstOrDefault(c => c.Value.ContainsKey(keyword.Value)).Key;
            reporter.Add(
                Codes.UnknownDeclaration,
                keyword.Place,
                $"{keyword} does not begin a declaration.",
                clauseOf is null
                    ? Suggestions.DidYouMean(keyword.Value, clauses.Keys)
                        ?? $"A declaration begins with one of {string.Join(", ", clauses.Keys)}."
                    : $"Indent it if it belongs to the {clauseOf} above."
            );
        }
        else
            reporter.Add(
                Codes.UnknownDeclaration,
                keyword.Place,
                "A declaration begins at the start of a line.",
                "Remove the white space before it."
            );
    }

    void ReportUnknownClause(string declaration, Token first)
    {
        var known = clauses[declaration].Keys;
        reporter.Add(
            Codes.UnknownClause,
            first.Place,
            $"{first} does not begin a clause of a {declaration}.",
            Suggestions.DidYouMean(first.Value, known)
                ?? $"A {declaration} has {string.Join(", ", known)}. "
                    + "What continues a clause is indented deeper than the clause."
        );
    }

    void ReportUnexpected<T>(IResult<T> failure)
    {
        var found = ((TokenInput)failure.Remainder).Token;
        var expected = failure.Expectations.Distinct().ToList();
        var message =
            expected.Count == 0
                ? $"{Capital(found.ToString())} is one too many here."
                : $"Expected {string.Join(" or ", expected)}, but found {found}.";
        var words = expected.Where(e => e.StartsWith('\'')).Select(e => e.Trim('\''));
        reporter.Add(
            Codes.Unexpected,
            found.Place,
            message,
            found.Kind == TokenKind.Word ? Suggestions.DidYouMean(found.Value, words) : null
        );
    }

    static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
