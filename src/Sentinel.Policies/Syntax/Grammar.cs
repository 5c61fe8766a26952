using System.Globalization;
using System.Text.RegularExpressions;
using Sprache;

namespace Sentinel.Policies.Syntax;

/// <summary>
/// The words that every grammar here is made of. They commit: what has consumed a token is not tried
/// another way, so the place of a failure is the place of the mistake.
/// </summary>
static partial class Grammar
{
    /// <summary>Words that cannot be names or bare values, because they join conditions.</summary>
    static readonly HashSet<string> Reserved = ["and", "or", "not", "in", "where"];

    public static readonly Parser<Token> AnyWord = Take("a word", t => t.Kind == TokenKind.Word);

    public static readonly Parser<Token> Name = Take(
        "a name",
        t => t.Kind == TokenKind.Word && !Reserved.Contains(t.Value)
    );

    /// <summary>A field, in quotes where its name has other characters than words have.</summary>
    public static readonly Parser<Token> FieldName = Take(
        "a field",
        t => t.IsQuoted || t.Kind == TokenKind.Word && !Reserved.Contains(t.Value)
    );

    public static readonly Parser<Token> Comparer = Take(
        "an operator",
        t => t.Kind == TokenKind.Symbol && t.Value is "==" or "!=" or "<" or "<=" or ">" or ">="
    );

    /// <summary>Always fails, and expects nothing: the end of a repetition.</summary>
    public static readonly Parser<Token> Nothing = input =>
        Result.Failure<Token>(input, "nothing", []);

    public static readonly Parser<Token> Text = Take("a quoted text", t => t.IsQuoted);

    /// <summary>A word or a quoted text: what a field is compared with.</summary>
    public static readonly Parser<Token> Value = Take(
        "a value",
        t => t.IsQuoted || t.Kind == TokenKind.Word && !Reserved.Contains(t.Value)
    );

    public static readonly Parser<Token> Number = Take(
        "a number",
        t => t.Kind == TokenKind.Word && DigitsOnly().IsMatch(t.Value)
    );

    public static readonly Parser<Token> DurationToken = Take(
        "a duration such as 90s, 5m, 2h or 7d",
        t => t.Kind == TokenKind.Word && char.IsAsciiDigit(t.Value[0])
    );

    public static Parser<Token> Word(string word) => Take($"'{word}'", t => t.IsWord(word));

    public static Parser<Token> Symbol(string symbol) =>
        Take($"'{symbol}'", t => t.IsSymbol(symbol));

    public static Parser<Token> Words(string first, params string[] more) =>
        more.Aggregate(Word(first), (parser, word) => parser.Then(_ => Word(word)));

    public static Parser<Token> OneOf(params string[] words) =>
        words.Select(Word).Aggregate((one, other) => one.XOr(other));

    /// <summary>Chooses by the token at hand and the one behind it, so that no alternative is tried in vain.</summary>
    public static Parser<T> Dispatch<T>(Func<Token, Token, Parser<T>> choose) =>
        input =>
        {
            var tokens = (TokenInput)input;
            return choose(tokens.Token, tokens.Behind)(input);
        };

    public static Parser<T?> Maybe<T>(this Parser<T> parser)
        where T : class => parser.Select(value => (T?)value).XOr(Parse.Return<T?>(null));

    /// <summary>Like XMany, which parses its failing last element twice: nested, that doubles at each level.</summary>
    public static Parser<IReadOnlyList<T>> Repeated<T>(this Parser<T> parser) =>
        input =>
        {
            var values = new List<T>();
            while (true)
            {
                var next = parser(input);
                if (next.WasSuccessful && !next.Remainder.Equals(input))
                {
                    values.Add(next.Value);
                    input = next.Remainder;
                    continue;
                }
                if (!next.WasSuccessful && !next.Remainder.Equals(input))
                    return Result.Failure<IReadOnlyList<T>>(
                        next.Remainder,
                        next.Message,
                        next.Expectations
                    );
                return Result.Success<IReadOnlyList<T>>(values, input);
            }
        };

    public static Parser<IReadOnlyList<T>> SeparatedBy<T>(
        this Parser<T> parser,
        Parser<Token> separator
    ) =>
        from first in parser
        from rest in separator.Then(_ => parser).Repeated()
        select (IReadOnlyList<T>)[first, .. rest];

    public static Parser<IReadOnlyList<T>> Listed<T>(this Parser<T> parser) =>
        parser.SeparatedBy(Symbol(","));

    public static Parser<TResult> Placed<T, TResult>(
        this Parser<T> parser,
        Func<T, TextPlace, TResult> select
    ) =>
        input =>
        {
            var result = parser(input);
            if (!result.WasSuccessful)
                return Result.Failure<TResult>(
                    result.Remainder,
                    result.Message,
                    result.Expectations
                );
            var first = ((TokenInput)input).Token.Place;
            var last = ((TokenInput)result.Remainder).Before.Place;
            return Result.Success(select(result.Value, first.To(last)), result.Remainder);
        };

    public static Parser<Token> Take(string expectation, Func<Token, bool> accepts)
    {
        string[] expectations = [expectation];
        return input =>
        {
            var token = ((TokenInput)input).Token;
            return accepts(token)
                ? Result.Success(token, input.Advance())
                : Result.Failure<Token>(input, "unexpected", expectations);
        };
    }

    [GeneratedRegex(@"^[0-9]{1,9}$", RegexOptions.CultureInvariant)]
    private static partial Regex DigitsOnly();

    public static int ToInt(this Token token) =>
        int.Parse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture);
}
