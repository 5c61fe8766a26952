using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Formatting;

/// <summary>How a token is spelt, and what stands between two of them.</summary>
static class TokenText
{
    /// <summary>Before these words' parenthesis is no space: they are called, the others join.</summary>
    static readonly HashSet<string> functions =
    [
        "count",
        "distinct",
        "sum",
        "avg",
        "min",
        "max",
        "field",
        "minute",
        "hour",
        "day",
        "week",
        "month",
        "year",
        "weekday",
    ];

    public static string Of(Token token) =>
        token.Kind switch
        {
            TokenKind.Text => $"\"{token.Raw}\"",
            TokenKind.RawText => $"'{token.Raw}'",
            _ => token.Value,
        };

    public static string Of(IReadOnlyList<Token> tokens, bool header = false)
    {
        var text = new System.Text.StringBuilder();
        for (var i = 0; i < tokens.Count; i++)
        {
            if (i > 0 && HasSpace(tokens, i, header))
                text.Append(' ');
            text.Append(Of(tokens[i]));
        }
        return text.ToString();
    }

    static bool HasSpace(IReadOnlyList<Token> tokens, int next, bool header)
    {
        var (before, after) = (tokens[next - 1], tokens[next]);
        if (after.Kind == TokenKind.Symbol)
            return after.Value switch
            {
                "," or ")" or "%" => false,
                ":" => header,
                "(" => !before.IsSymbol("(")
                    && (before.Kind != TokenKind.Word || !IsFunction(before.Value)),
                _ => !before.IsSymbol("("),
            };
        if (before.IsSymbol("("))
            return false;
        // The sign of a number or of a zone belongs to it; that of a sum stands alone.
        return !(before.Value is "+" or "-" && before.Kind == TokenKind.Symbol)
            || next == 1
            || tokens[next - 2] is { Kind: TokenKind.Word } word && word.Value != "zone";
    }

    /// <summary>Percentiles are many: p50, p95, p99.</summary>
    static bool IsFunction(string word) =>
        functions.Contains(word)
        || word[0] == 'p' && word.Length > 1 && word.Skip(1).All(char.IsAsciiDigit);

    /// <summary>The one way to write the tokens of a clause.</summary>
    public static IReadOnlyList<Token> Canonical(string declaration, IReadOnlyList<Token> clause)
    {
        var tokens = clause.ToArray();
        var regex = false;
        for (var i = 0; i < tokens.Length; i++)
        {
            var token = tokens[i];
            if (token.IsQuoted)
                tokens[i] = Requoted(token, regex);
            else if (i > 0)
                tokens[i] = Canonical(declaration, tokens, i);
            // The values of 'matches': one, or several in parentheses.
            regex = token.IsWord("matches") || regex && !token.IsSymbol(")") && !IsJoint(token);
        }
        return tokens;
    }

    static bool IsJoint(Token token) =>
        token.Kind == TokenKind.Word && token.Value is "and" or "or";

    static Token Canonical(string declaration, Token[] clause, int index)
    {
        var (token, before) = (clause[index], clause[index - 1]);
        if (declaration == "source" && token.Value == "key-value" && before.Value == "accepts")
            return Spelt(token, "kv");
        var counts = declaration == "rule" && clause[0].Value is "sequence" or "test";
        if (!counts || before.Kind != TokenKind.Word || !before.Value.All(char.IsAsciiDigit))
            return token;
        var one = before.Value.TrimStart('0') == "1";
        return token.Value switch
        {
            "time" or "times" => Spelt(token, one ? "time" : "times"),
            "finding" or "findings" => Spelt(token, one ? "finding" : "findings"),
            _ => token,
        };
    }

    static Token Spelt(Token token, string value) => token with { Value = value, Raw = value };

    /// <summary>
    /// Double quotes, but single ones for regular expressions and where they save an escape. Changed only
    /// where both say the same in a template too, in which a backslash may stand before braces.
    /// </summary>
    static Token Requoted(Token token, bool regex)
    {
        var plain = !token.Raw.Contains('\\');
        if (token.Kind == TokenKind.RawText)
            return plain && !regex && !token.Raw.Contains('"')
                ? token with
                {
                    Kind = TokenKind.Text,
                }
                : token;
        if (plain && !regex || token.Value.Contains('\''))
            return token;
        for (var i = 0; i < token.Raw.Length; i++)
            if (token.Raw[i] == '\\' && token.Raw[++i] is not ('"' or '\\'))
                return token;
        for (var i = 0; i + 1 < token.Value.Length; i++)
            if (token.Value[i] == '\\' && token.Value[i + 1] is '{' or '}' or '[' or ']')
                return token;
        return token with { Kind = TokenKind.RawText, Raw = token.Value };
    }
}
