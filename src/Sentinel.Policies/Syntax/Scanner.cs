using System.Text;

namespace Sentinel.Policies.Syntax;

/// <summary>
/// Text to tokens, in one pass and without a parser: what Sprache gets is several times shorter, and
/// limits are checked before anything recursive sees the text.
/// </summary>
sealed class Scanner(Reporter reporter)
{
    static readonly string[] symbols =
    [
        "==",
        "!=",
        "<=",
        ">=",
        "<",
        ">",
        "=",
        "(",
        ")",
        ",",
        "+",
        "-",
        "%",
        ":",
    ];

    readonly string text = reporter.File.Text;
    readonly List<Token> tokens = [];
    readonly List<Comment> comments = [];
    int offset;
    int line = 1;
    int lineStart;
    bool firstOnLine = true;

    /// <summary>What stands behind a #, in order; known once the text is scanned.</summary>
    public IReadOnlyList<Comment> Comments => comments;

    /// <summary>All tokens, without an end mark; empty if a limit is exceeded.</summary>
    public IReadOnlyList<Token> Scan()
    {
        var most = Limits.TextCharsMaxOf(text);
        if (text.Length > most)
        {
            reporter.Add(
                Codes.TextTooLong,
                new TextPlace(0, 1, 1, 1),
                $"The file has {text.Length} characters, more than {most}.",
                "Split it: declarations of all files are read together."
            );
            return [];
        }
        if (!IsWellFormed())
            return [];
        if (text.StartsWith('\uFEFF'))
            lineStart = offset = 1;
        while (offset < text.Length)
            ScanOne();
        return NestingIsBounded() ? tokens : [];
    }

    /// <summary>What is no text has no hash that others could compare, and no place in a database.</summary>
    bool IsWellFormed()
    {
        var line = 1;
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\n')
                (line, start) = (line + 1, i + 1);
            if (char.IsSurrogatePair(text, i) && ++i > 0)
                continue;
            if (text[i] is not ('\0' or '\uFFFD') && !char.IsSurrogate(text[i]))
                continue;
            reporter.Add(
                Codes.UnreadableCharacter,
                new TextPlace(i, line, i - start + 1, 1),
                "The file is not UTF-8 text.",
                "Save it as UTF-8; a policy holds neither U+0000 nor U+FFFD."
            );
            return false;
        }
        return true;
    }

    void ScanOne()
    {
        var c = text[offset];
        if (c is '\n' || c is '\r')
        {
            offset += c == '\r' && offset + 1 < text.Length && text[offset + 1] == '\n' ? 2 : 1;
            line++;
            lineStart = offset;
            firstOnLine = true;
        }
        else if (c is ' ' or '\t')
            offset++;
        else if (c == '#')
            ScanComment();
        else if (c is '"' or '\'')
            ScanQuoted(c);
        else if (StartsWord())
            ScanWord();
        else if (symbols.FirstOrDefault(s => text.AsSpan(offset).StartsWith(s)) is { } symbol)
            Add(TokenKind.Symbol, symbol, symbol, symbol.Length);
        else
            SkipUnreadable();
    }

    void ScanComment()
    {
        var end = LineEnd();
        comments.Add(new Comment(text[offset..end].TrimEnd(), Here(end - offset), firstOnLine));
        offset = end;
    }

    void Add(TokenKind kind, string value, string raw, int length)
    {
        tokens.Add(new Token(kind, value, raw, Here(length), firstOnLine));
        firstOnLine = false;
        offset += length;
    }

    TextPlace Here(int length) => new(offset, line, offset - lineStart + 1, length);

    int LineEnd()
    {
        var length = text.AsSpan(offset).IndexOfAny('\r', '\n');
        return length < 0 ? text.Length : offset + length;
    }

    bool StartsWord() =>
        IsWordStart(text[offset])
        || text[offset] == ':' && offset + 1 < text.Length && text[offset + 1] == ':';

    static bool IsWordStart(char c) => char.IsLetterOrDigit(c) || c is '_' or '@' or '$' or '/';

    static bool IsWordPart(char c) => IsWordStart(c) || c is '.' or ':' or '-' or '*';

    void ScanWord()
    {
        var end = offset;
        while (end < text.Length && IsWordPart(text[end]))
            end++;
        // 'list scanners: cidr' is a name and a colon, '2001:db8::' an address.
        while (end > offset + 1 && text[end - 1] is ':' && text[end - 2] != ':')
            end--;
        var word = text[offset..end];
        Add(TokenKind.Word, word, word, word.Length);
    }

    void ScanQuoted(char quote)
    {
        var lineEnd = LineEnd();
        var end = offset + 1;
        while (end < lineEnd && text[end] != quote)
            end += quote == '"' && text[end] == '\\' ? 2 : 1;
        if (end >= lineEnd)
        {
            reporter.Add(
                Codes.UnclosedText,
                Here(lineEnd - offset),
                $"The text that starts here is not closed on its line.",
                $"Close it with {quote}."
            );
            end = lineEnd;
        }
        var raw = text[(offset + 1)..end];
        var length = Math.Min(end + 1, lineEnd) - offset;
        if (quote == '\'')
            Add(TokenKind.RawText, raw, raw, length);
        else
            Add(TokenKind.Text, Unescape(raw), raw, length);
    }

    string Unescape(string raw)
    {
        if (!raw.Contains('\\'))
            return raw;
        var value = new StringBuilder();
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] != '\\')
            {
                value.Append(raw[i]);
                continue;
            }
            var escaped = i + 1 < raw.Length ? raw[++i] : '\\';
            if (escaped is '"' or '\\' or '{' or '}' or '[' or ']')
                value.Append(escaped);
            else if (escaped is 'n' or 't')
                value.Append(escaped == 'n' ? '\n' : '\t');
            else
                reporter.Add(
                    Codes.UnknownEscape,
                    new TextPlace(offset + i, line, offset + i - lineStart + 1, 2),
                    $"'\\{escaped}' is not an escape.",
                    "Write '\\\\' for a backslash, or put the text in single quotes, where "
                        + "everything stands for itself."
                );
        }
        return value.ToString();
    }

    void SkipUnreadable()
    {
        var end = offset + 1;
        while (end < text.Length && IsUnreadable(text[end]))
            end++;
        var first = Rune.TryGetRuneAt(text, offset, out var rune)
            ? $"U+{rune.Value:X4}"
            : "half of a character";
        reporter.Add(
            Codes.UnreadableCharacter,
            Here(end - offset),
            $"This means nothing outside of quotes ({first}).",
            "Put it in quotes if it is part of a value."
        );
        offset = end;
        firstOnLine = false;
    }

    static bool IsUnreadable(char c) =>
        !IsWordPart(c)
        && !char.IsWhiteSpace(c)
        && c is not ('#' or '"' or '\'')
        && !symbols.Any(s => s[0] == c);

    bool NestingIsBounded()
    {
        var depth = 0;
        foreach (var token in tokens)
        {
            if (token.IsSymbol("("))
                depth++;
            else if (token.IsSymbol(")") && depth > 0)
                depth--;
            if (depth <= Limits.NestingLevelsMax)
                continue;
            reporter.Add(
                Codes.NestedTooDeep,
                token.Place,
                $"Parentheses are nested more than {Limits.NestingLevelsMax} levels deep."
            );
            return false;
        }
        return true;
    }
}
