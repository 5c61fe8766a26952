using Sprache;

namespace Sentinel.Policies.Syntax;

/// <summary>Tokens as Sprache's input: one character for each token, and a table back to its place.</summary>
sealed class TokenInput : IInput
{
    readonly IReadOnlyList<Token> tokens;
    TokenInput? next;
    Dictionary<object, object>? memos;

    /// <param name="tokens">Of one clause, the last of them an end mark.</param>
    public TokenInput(IReadOnlyList<Token> tokens)
        : this(tokens, 0, string.Concat(tokens.Select(t => "wtrse"[(int)t.Kind]))) { }

    TokenInput(IReadOnlyList<Token> tokens, int position, string shape)
    {
        this.tokens = tokens;
        Position = position;
        Source = shape;
    }

    public Token Token => tokens[Position];

    public Token Behind => tokens[Math.Min(tokens.Count - 1, Position + 1)];

    public Token Before => tokens[Math.Max(0, Position - 1)];

    public string Source { get; }

    public char Current => Source[Position];

    public bool AtEnd => Position >= tokens.Count - 1;

    public int Position { get; }

    public int Line => Token.Place.Line;

    public int Column => Token.Place.Column;

    /// <summary>Made when Sprache asks, since few tokens need one.</summary>
    public IDictionary<object, object> Memos => memos ??= [];

    public IInput Advance() => next ??= new TokenInput(tokens, Position + 1, Source);

    public bool Equals(IInput? other) =>
        other is TokenInput input && input.Position == Position && input.tokens == tokens;

    public override bool Equals(object? obj) => Equals(obj as IInput);

    public override int GetHashCode() => Position;
}
