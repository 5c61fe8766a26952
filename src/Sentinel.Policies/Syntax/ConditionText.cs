using System.Diagnostics;

namespace Sentinel.Policies.Syntax;

/// <summary>What one test asks, in the language's own words and without a negation around it.</summary>
static class ConditionText
{
    public static string Of(Token field, TestSyntax test) =>
        test switch
        {
            TestSyntax.Negated negated => Of(field, negated.Of),
            TestSyntax.Has => $"has {Of(field)}",
            TestSyntax.Presence => $"{Of(field)} exists",
            TestSyntax.InList list => $"{Of(field)} in {list.List.Value}",
            TestSyntax.InValues many => $"{Of(field)} {Cased(many.Cased)}in ({Of(many.Values)})",
            TestSyntax.Compare compare => $"{Of(field)} {Cased(compare.Cased)}{compare.Sign.Value} "
                + (compare.Other is { } other ? $"field({Of(other)})" : Of(compare.Value)),
            TestSyntax.Asks asks => $"{Of(field)} {Cased(asks.Cased)}{asks.Word.Value} "
                + (asks.All ? "all " : "")
                + (asks.Values.Count == 1 ? Of(asks.Values) : $"({Of(asks.Values)})"),
            _ => throw new UnreachableException(),
        };

    static string Of(IEnumerable<Token> values) => string.Join(", ", values.Select(Of));

    static string Cased(bool cased) => cased ? "cased " : "";

    static string Of(Token token) =>
        token.Kind switch
        {
            TokenKind.Text => $"\"{token.Raw}\"",
            TokenKind.RawText => $"'{token.Raw}'",
            TokenKind.Word or TokenKind.Symbol or TokenKind.End => token.Value,
        };
}
