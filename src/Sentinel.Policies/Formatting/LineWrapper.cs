using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Formatting;

/// <summary>
/// Breaks a line that is too long: before where, then before each or, then each and, then behind commas,
/// and at last inside its longest parentheses.
/// </summary>
sealed class LineWrapper(CommentPlaces comments)
{
    public const int ColumnsMax = 100;
    public const int ColumnsPerLevel = 2;

    /// <summary>Values as short as this share lines; longer ones are easier to find each on its own.</summary>
    const int SharingColumnsMax = 20;

    /// <summary>What each way to break a line breaks at; the first that there is decides.</summary>
    static readonly Func<Token, Token, bool>[] breaks =
    [
        (_, after) => after.IsWord("where"),
        (_, after) => after.IsWord("or"),
        (_, after) => after.IsWord("and"),
        (before, _) => before.IsSymbol(","),
        // What a rule raises is a name; its message may stand below.
        (before, after) => after.IsQuoted && before.Kind == TokenKind.Word,
    ];

    const int CommaBreak = 3;

    public IReadOnlyList<FormattedLine> Wrap(IReadOnlyList<Token> tokens, int level)
    {
        var lines = new List<FormattedLine>();
        Wrap(tokens, level, level + 1, lines);
        return lines;
    }

    /// <param name="hanging">The level of the lines behind the first.</param>
    void Wrap(IReadOnlyList<Token> tokens, int level, int hanging, List<FormattedLine> lines)
    {
        if (Fits(tokens, level))
        {
            lines.Add(new FormattedLine(level, tokens));
            return;
        }
        foreach (var isBreak in tokens[0].IsWord("raises") ? breaks : breaks[..^1])
            if (Split(tokens, isBreak) is { Count: > 1 } pieces)
            {
                if (level == hanging && isBreak == breaks[CommaBreak])
                    pieces = Shared(pieces, level);
                Wrap(pieces[0], level, hanging, lines);
                foreach (var piece in pieces.Skip(1))
                    Wrap(piece, hanging, hanging + 1, lines);
                return;
            }
        if (LongestParentheses(tokens) is not (var open, var close))
        {
            Part(tokens, level, lines);
            return;
        }
        Part([.. tokens.Take(open + 1)], level, lines);
        Wrap([.. tokens.Skip(open + 1).Take(close - open - 1)], level + 1, level + 1, lines);
        Part([.. tokens.Skip(close)], level, lines);
    }

    /// <summary>Short values, as many on each line as fit.</summary>
    List<IReadOnlyList<Token>> Shared(List<IReadOnlyList<Token>> values, int level)
    {
        // A value and its comma.
        if (values.Any(value => TokenText.Of(value).Length > SharingColumnsMax + 1))
            return values;
        var lines = new List<IReadOnlyList<Token>>();
        foreach (var value in values)
            if (lines.Count > 0 && Fits([.. lines[^1], .. value], level))
                lines[^1] = [.. lines[^1], .. value];
            else
                lines.Add(value);
        return lines;
    }

    bool Fits(IReadOnlyList<Token> tokens, int level)
    {
        for (var i = 1; i < tokens.Count; i++)
            if (comments.Part(tokens[i - 1], tokens[i]))
                return false;
        return level * ColumnsPerLevel + TokenText.Of(tokens).Length <= ColumnsMax;
    }

    /// <summary>What cannot be broken well is long, and broken where a comment stands.</summary>
    void Part(IReadOnlyList<Token> tokens, int level, List<FormattedLine> lines)
    {
        var pieces = Split(tokens, comments.Part, everywhere: true);
        for (var i = 0; i < pieces.Count; i++)
            lines.Add(new FormattedLine(i == 0 ? level : level + 1, pieces[i]));
    }

    static List<IReadOnlyList<Token>> Split(
        IReadOnlyList<Token> tokens,
        Func<Token, Token, bool> isBreak,
        bool everywhere = false
    )
    {
        var pieces = new List<IReadOnlyList<Token>>();
        var (start, depth) = (0, 0);
        for (var i = 1; i < tokens.Count; i++)
        {
            depth += Depth(tokens[i - 1]);
            if ((depth != 0 && !everywhere) || !isBreak(tokens[i - 1], tokens[i]))
                continue;
            pieces.Add([.. tokens.Skip(start).Take(i - start)]);
            start = i;
        }
        pieces.Add([.. tokens.Skip(start)]);
        return pieces;
    }

    static (int Open, int Close)? LongestParentheses(IReadOnlyList<Token> tokens)
    {
        (int Open, int Close)? longest = null;
        var (open, depth) = (0, 0);
        for (var i = 0; i < tokens.Count; i++)
        {
            if (depth == 0)
                open = i;
            depth += Depth(tokens[i]);
            if (depth != 0 || i - open < 2)
                continue;
            if (longest is not { } known || i - open > known.Close - known.Open)
                longest = (open, i);
        }
        return longest;
    }

    static int Depth(Token token) =>
        token.IsSymbol("(") ? 1
        : token.IsSymbol(")") ? -1
        : 0;
}
