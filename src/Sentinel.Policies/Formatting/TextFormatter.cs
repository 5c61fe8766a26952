using System.Text;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Formatting;

/// <summary>
/// Writes declarations in the one way, from their tokens alone: what it does not know by name is written
/// like everything else. The order of declarations and clauses is the author's.
/// </summary>
sealed class TextFormatter
{
    readonly IReadOnlyList<DeclarationTokens> declarations;
    readonly CommentPlaces comments;
    readonly ClauseLines clauseLines;
    readonly StringBuilder text = new();

    public TextFormatter(
        IReadOnlyList<DeclarationTokens> declarations,
        IReadOnlyList<Comment> comments
    )
    {
        this.declarations = declarations;
        Token[] tokens =
        [
            .. declarations.SelectMany(d => d.Header.Concat(d.Clauses.SelectMany(c => c))),
        ];
        this.comments = new CommentPlaces(tokens, comments);
        clauseLines = new ClauseLines(new LineWrapper(this.comments));
    }

    public string Format()
    {
        DeclarationTokens? previous = null;
        foreach (var declaration in declarations)
        {
            var before = comments.Before(declaration.Header[0]);
            if (!WriteBetween(before, previous, isLast: false))
                BlankLine();
            else if (comments.IsAfterBlankLine(declaration.Header[0].Place))
                BlankLine();
            Write(declaration);
            previous = declaration;
        }
        WriteBetween(comments.AtEnd, previous, isLast: true);
        return text.ToString();
    }

    /// <summary>
    /// Comments between declarations: indented ones belong to the one before.
    /// </summary>
    /// <returns>Whether the last of them belongs to what follows.</returns>
    bool WriteBetween(IReadOnlyList<Comment> between, DeclarationTokens? previous, bool isLast)
    {
        var outside = previous is null;
        foreach (var comment in between)
        {
            var first = !outside && comment.Place.Column == 1;
            outside |= first;
            if (first || comments.IsAfterBlankLine(comment.Place))
                BlankLine();
            var level =
                outside ? 0
                : previous!.Clauses is [.., var last] && comment.Place.Column > last[0].Place.Column
                    ? 2
                : 1;
            WriteLine(level, comment.Text);
        }
        return outside && between.Count > 0;
    }

    void Write(DeclarationTokens declaration)
    {
        var keyword = declaration.Header[0].Value;
        var length = DeclarationParser.HeaderTokens(declaration);
        IReadOnlyList<Token> header = [.. declaration.Header.Take(length)];
        WriteLine(0, TokenText.Of(header, header: true), comments.Behind(header[^1]));
        IReadOnlyList<Token> onHeader = [.. declaration.Header.Skip(length)];
        var written = new ClauseWriter(this, keyword);
        foreach (var clause in declaration.Clauses.Prepend(onHeader).Where(c => c.Count > 0))
            written.Add(clause);
        written.Flush();
    }

    void BlankLine()
    {
        if (text.Length > 0 && !(text.Length > 1 && text[^2] == '\n'))
            text.Append('\n');
    }

    void WriteLine(int level, string line, Comment? behind = null)
    {
        text.Append(' ', level * LineWrapper.ColumnsPerLevel).Append(line);
        if (behind is not null)
            text.Append("  ").Append(behind.Text);
        text.Append('\n');
    }

    /// <summary>The clauses of one declaration, of which neighbours may stand in columns.</summary>
    sealed class ClauseWriter(TextFormatter formatter, string declaration)
    {
        readonly List<(IReadOnlyList<string> Cells, Comment? Behind)> row = [];
        bool isFirst = true;

        public void Add(IReadOnlyList<Token> clause)
        {
            var tokens = TokenText.Canonical(declaration, clause);
            var lines = formatter.clauseLines.Of(declaration, tokens);
            var cells = lines.Count == 1 ? ClauseColumns.Of(declaration, tokens) : null;
            var comments = formatter.comments;
            var before = comments.Before(clause[0]);
            var blank = !isFirst && comments.IsAfterBlankLine(clause[0].Place);
            if (cells is null || before.Count > 0 || blank)
                Flush();
            foreach (var comment in before)
            {
                if (!isFirst && comments.IsAfterBlankLine(comment.Place))
                    formatter.BlankLine();
                var deeper = !isFirst && comment.Place.Column > clause[0].Place.Column;
                formatter.WriteLine(deeper ? 2 : 1, comment.Text);
                isFirst = false;
            }
            if (!isFirst && comments.IsAfterBlankLine(clause[0].Place))
                formatter.BlankLine();
            isFirst = false;
            if (cells is not null)
                row.Add((cells, comments.Behind(clause[^1])));
            else
                Write(lines);
        }

        public void Flush()
        {
            foreach (
                var (line, behind) in ClauseColumns.Align([.. row.Select(r => r.Cells)]).Zip(row)
            )
                formatter.WriteLine(1, line, behind.Behind);
            row.Clear();
        }

        void Write(IReadOnlyList<FormattedLine> lines)
        {
            for (var i = 0; i < lines.Count; i++)
            {
                var line = lines[i];
                if (i > 0)
                    foreach (var comment in formatter.comments.Before(line.Tokens[0]))
                        formatter.WriteLine(line.Level, comment.Text);
                formatter.WriteLine(
                    line.Level,
                    TokenText.Of(line.Tokens),
                    formatter.comments.Behind(line.Tokens[^1])
                );
            }
        }
    }
}
