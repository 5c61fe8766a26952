namespace Sentinel.Policies.Syntax;

enum TokenKind
{
    Word,

    /// <summary>In double quotes, with escapes.</summary>
    Text,

    /// <summary>In single quotes, exactly as it stands.</summary>
    RawText,
    Symbol,
    End,
}

/// <param name="Offset">From 0, in the file's characters.</param>
readonly record struct TextPlace(int Offset, int Line, int Column, int Length)
{
    public TextPlace To(TextPlace end) =>
        this with
        {
            Length = Math.Max(Length, end.Offset + end.Length - Offset),
        };
}

/// <param name="Value">The word, the symbol, or what a quoted text says.</param>
/// <param name="Raw">Between the quotes, escapes as written; else the same as Value.</param>
sealed record Token(TokenKind Kind, string Value, string Raw, TextPlace Place, bool FirstOnLine)
{
    public bool IsQuoted => Kind is TokenKind.Text or TokenKind.RawText;

    public bool IsWord(string value) => Kind == TokenKind.Word && Value == value;

    public bool IsSymbol(string value) => Kind == TokenKind.Symbol && Value == value;

    public override string ToString() =>
        Kind switch
        {
            TokenKind.Word or TokenKind.Symbol => $"'{Value}'",
            TokenKind.Text or TokenKind.RawText => "a quoted text",
            TokenKind.End => "the end",
        };
}

/// <param name="Text">With its #, without white space at its end.</param>
/// <param name="OwnLine">Nothing stands before it on its line.</param>
sealed record Comment(string Text, TextPlace Place, bool OwnLine);
