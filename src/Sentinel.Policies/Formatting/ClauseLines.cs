using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Formatting;

/// <param name="Level">Of indentation, two columns each.</param>
sealed record FormattedLine(int Level, IReadOnlyList<Token> Tokens);

/// <summary>
/// The lines of one clause. Where a clause always breaks is said here by its words; a clause of which
/// nothing is said stays on one line while it fits.
/// </summary>
sealed class ClauseLines(LineWrapper wrapper)
{
    public IReadOnlyList<FormattedLine> Of(string declaration, IReadOnlyList<Token> clause)
    {
        var beginsLine = Breaks(declaration, clause);
        var lines = new List<FormattedLine>();
        for (int start = 0, end; start < clause.Count; start = end)
        {
            end = start + 1;
            while (end < clause.Count && !beginsLine(end))
                end++;
            Token[] piece = [.. clause.Skip(start).Take(end - start)];
            lines.AddRange(wrapper.Wrap(piece, start == 0 ? 1 : 2));
        }
        return lines;
    }

    static Func<int, bool> Breaks(string declaration, IReadOnlyList<Token> clause)
    {
        bool IsMap(int at) =>
            clause[at].Kind == TokenKind.Word
            && at + 1 < clause.Count
            && clause[at + 1].IsSymbol("=");
        switch ((declaration, clause[0].IsQuoted ? null : clause[0].Value))
        {
            case ("source", "line"):
                return at => clause[at].IsWord("is");
            case ("source", "when"):
                return at => clause[at].IsWord("is") || IsMap(at);
            case ("source", "fields" or "otherwise"):
                return IsMap;
            case ("source", "category"):
                return at => clause[at - 1].IsSymbol(":") || clause[at - 1].IsSymbol(",");
            case ("rule", "aggregate" or "unusual"):
                return at => clause[at].IsWord("having");
            case ("rule", "sequence"):
                var firstStep = IndexOf(clause, "within") + 2;
                return at =>
                    at == firstStep || clause[at].IsWord("then") || clause[at].IsWord("until");
            case ("rule", "confidence"):
                return at => clause[at].IsSymbol("+") || clause[at].IsSymbol("-");
            case ("rule", "test"):
                var expect = IndexOf(clause, "expect");
                return at =>
                    clause[at].IsWord("expect") && !clause[at - 1].IsWord("from")
                    || at < expect && clause[at].IsWord("at") && !clause[at - 1].IsWord("from");
            default:
                return _ => false;
        }
    }

    static int IndexOf(IReadOnlyList<Token> clause, string word)
    {
        var index = 0;
        while (index < clause.Count && !clause[index].IsWord(word))
            index++;
        return index;
    }
}
