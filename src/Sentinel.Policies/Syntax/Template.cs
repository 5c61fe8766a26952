using System.Text;

namespace Sentinel.Policies.Syntax;

/// <summary>A piece of a quoted template: text, a name in braces, or a bracketed part that may be missing.</summary>
abstract record TemplatePiece
{
    public sealed record Literal(string Text) : TemplatePiece;

    public sealed record Hole(string Content, TextPlace Place) : TemplatePiece;

    public sealed record Optional(IReadOnlyList<TemplatePiece> Pieces) : TemplatePiece;
}

/// <summary>
/// Reads <c>{name}</c>, <c>{name:kind}</c> and <c>[optional]</c>. A backslash makes a brace or bracket
/// stand for itself.
/// </summary>
sealed class TemplateReader(Reporter reporter, Token token, bool optionals)
{
    const int OptionalLevelsMax = 8;

    readonly string raw = token.Raw;
    int offset;

    public IReadOnlyList<TemplatePiece> Read()
    {
        var pieces = ReadPieces(0);
        if (offset < raw.Length)
            Report(offset, 1, "This ']' closes nothing.", "Write '\\]' for a bracket.");
        return pieces;
    }

    IReadOnlyList<TemplatePiece> ReadPieces(int level)
    {
        var pieces = new List<TemplatePiece>();
        var literal = new StringBuilder();
        while (offset < raw.Length)
        {
            var c = raw[offset];
            if (c == '\\' && offset + 1 < raw.Length && IsEscape(raw[offset + 1]))
            {
                literal.Append(Escaped(raw[offset + 1]));
                offset += 2;
            }
            else if (c == '{')
            {
                Flush(pieces, literal);
                if (ReadHole() is { } hole)
                    pieces.Add(hole);
            }
            else if (c == '[' && optionals)
            {
                Flush(pieces, literal);
                pieces.Add(ReadOptional(level));
            }
            else if (c == ']' && optionals)
                break;
            else
            {
                literal.Append(c);
                offset++;
            }
        }
        Flush(pieces, literal);
        return pieces;
    }

    bool IsEscape(char c) =>
        c is '{' or '}' or '[' or ']'
        || token.Kind == TokenKind.Text && c is '"' or '\\' or 'n' or 't';

    static char Escaped(char c) =>
        c switch
        {
            'n' => '\n',
            't' => '\t',
            _ => c,
        };

    TemplatePiece.Hole? ReadHole()
    {
        var start = offset;
        var length = raw.AsSpan(start).IndexOf('}');
        if (length < 0)
        {
            Report(start, 1, "This '{' is not closed.", "Write '\\{' for a brace.");
            offset = raw.Length;
            return null;
        }
        offset = start + length + 1;
        return new TemplatePiece.Hole(raw[(start + 1)..(offset - 1)], At(start, length + 1));
    }

    TemplatePiece.Optional ReadOptional(int level)
    {
        var start = offset++;
        if (level >= OptionalLevelsMax)
        {
            Report(start, 1, $"Optional parts go at most {OptionalLevelsMax} levels deep.", null);
            offset = raw.Length;
            return new TemplatePiece.Optional([]);
        }
        var pieces = ReadPieces(level + 1);
        if (offset >= raw.Length)
            Report(start, 1, "This '[' is not closed.", "Write '\\[' for a bracket.");
        else
            offset++;
        return new TemplatePiece.Optional(pieces);
    }

    static void Flush(List<TemplatePiece> pieces, StringBuilder literal)
    {
        if (literal.Length > 0)
            pieces.Add(new TemplatePiece.Literal(literal.ToString()));
        literal.Clear();
    }

    TextPlace At(int start, int length)
    {
        var place = token.Place;
        return new TextPlace(
            place.Offset + 1 + start,
            place.Line,
            place.Column + 1 + start,
            length
        );
    }

    void Report(int start, int length, string message, string? help) =>
        reporter.Add(Codes.WrongTemplate, At(start, length), message, help);
}
