using System.Diagnostics;

namespace Sentinel.Policies.Syntax;

/// <summary>What one test asks, in the language's own words and without a negation around it.</summary>
static class ConditionText
{
    public static string Of(SubjectSyntax subject, TestSyntax test) =>
        test switch
        {
            TestSyntax.Negated negated => Of(subject, negated.Of),
            TestSyntax.Has => $"has {Of(subject)}",
            TestSyntax.Presence => $"{Of(subject)} exists",
            TestSyntax.InList list => $"{Of(subject)} in {list.List.Value}",
            TestSyntax.InValues many =>
                $"{Of(subject)} {Cased(many.Cased)}in {Of(many.With, listed: true)}",
            TestSyntax.Compare compare =>
                $"{Of(subject)} {Cased(compare.Cased)}{compare.Sign.Value} {Of(compare.With)}",
            TestSyntax.Asks asks => string.Concat(
                $"{Of(subject)} {Cased(asks.Cased)}{asks.Word.Value} ",
                asks.Flags is { } flags ? $"{flags.Value} " : "",
                asks.All ? "all " : "",
                Of(asks.With)
            ),
            _ => throw new UnreachableException(),
        };

    static string Of(SubjectSyntax subject) =>
        subject.TimePart is { } part ? $"{part.Value}({Of(subject.Field)})" : Of(subject.Field);

    static string Of(OperandSyntax operand, bool listed = false)
    {
        if (operand.Other is { } other)
            return $"field({Of(other)})";
        var values = string.Join(", ", operand.Values.Select(Of));
        return string.Concat(operand.Transformations.Select(word => $"{word.Value} "))
            + (listed || operand.Values.Count > 1 ? $"({values})" : values);
    }

    static string Cased(bool cased) => cased ? "cased " : "";

    static string Of(Token token) =>
        token.Kind switch
        {
            TokenKind.Text => $"\"{token.Raw}\"",
            TokenKind.RawText => $"'{token.Raw}'",
            TokenKind.Word or TokenKind.Symbol or TokenKind.End => token.Value,
        };
}
