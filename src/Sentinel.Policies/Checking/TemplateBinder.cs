using System.Diagnostics;
using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary>Line templates: what is captured becomes a field, canonical or declared by the capture.</summary>
sealed class TemplateBinder(Reporter reporter, CheckScope scope)
{
    static readonly Dictionary<string, (CaptureKind Kind, FieldType Type)> kinds = new()
    {
        ["text"] = (CaptureKind.Text, FieldType.Text),
        ["word"] = (CaptureKind.Word, FieldType.Text),
        ["int"] = (CaptureKind.Integer, FieldType.Integer),
        ["number"] = (CaptureKind.Number, FieldType.Number),
        ["ip"] = (CaptureKind.Address, FieldType.Address),
        ["rest"] = (CaptureKind.Rest, FieldType.Text),
    };

    public IReadOnlyList<TemplatePart> BindLine(Token template)
    {
        var pieces = new TemplateReader(reporter, template, optionals: true).Read();
        var parts = Bind(pieces);
        CheckOrder(template, parts);
        return parts;
    }

    IReadOnlyList<TemplatePart> Bind(IReadOnlyList<TemplatePiece> pieces) =>
        [.. pieces.Select(Bind).OfType<TemplatePart>()];

    TemplatePart? Bind(TemplatePiece piece) =>
        piece switch
        {
            TemplatePiece.Literal literal => new TemplatePart.Literal(literal.Text),
            TemplatePiece.Optional optional => new TemplatePart.Optional(Bind(optional.Pieces)),
            TemplatePiece.Hole hole => BindCapture(hole),
            _ => throw new UnreachableException(),
        };

    TemplatePart.Capture? BindCapture(TemplatePiece.Hole hole)
    {
        var token = new Token(TokenKind.Word, hole.Content, hole.Content, hole.Place, false);
        var (field, kind) = BindField(token);
        return field is null ? null : new TemplatePart.Capture(field, kind);
    }

    /// <summary><c>name</c> or <c>name:kind</c>; a name that no event has yet is declared.</summary>
    public (Field? Field, CaptureKind Kind) BindField(Token token)
    {
        var (name, kindName) = Split(token);
        if (!Literals.Name(reporter, name, dotted: false))
            return default;
        var known = scope.Events.Find(name.Value);
        if (kindName is not null && !kinds.ContainsKey(kindName.Value))
        {
            reporter.Add(
                Codes.WrongKind,
                kindName.Place,
                $"{kindName} is not a kind of capture.",
                Suggestions.DidYouMean(kindName.Value, kinds.Keys)
                    ?? $"The kinds are {string.Join(", ", kinds.Keys)}."
            );
            return default;
        }
        var (kind, type) = kinds[kindName?.Value ?? Natural(known?.Type ?? FieldType.Text)];
        if (known is { Type: FieldType.TextList or FieldType.Boolean } || !Fits(known, type))
        {
            reporter.Add(
                Codes.WrongKind,
                token.Place,
                $"'{name.Value}' is {known!.Type.Said()}, which '{kindName?.Value ?? "text"}' "
                    + "does not capture.",
                $"Write {{{name.Value}}}, or another name."
            );
            return default;
        }
        return (scope.Events.Declare(name.Value, type), kind);
    }

    static bool Fits(Field? known, FieldType type) =>
        known is null
        || known.Type == type
        || known.Type == FieldType.Time && type == FieldType.Text
        || known.Type == FieldType.Number && type == FieldType.Integer;

    static string Natural(FieldType type) =>
        type switch
        {
            FieldType.Integer => "int",
            FieldType.Number => "number",
            FieldType.Address => "ip",
            FieldType.Text
            or FieldType.Time
            or FieldType.Boolean
            or FieldType.TextList
            or FieldType.Untyped => "text",
        };

    static (Token Name, Token? Kind) Split(Token token)
    {
        var colon = token.Value.IndexOf(':');
        return colon < 0
            ? (token, null)
            : (Part(token, 0, colon), Part(token, colon + 1, token.Value.Length - colon - 1));
    }

    static Token Part(Token token, int start, int length)
    {
        // A hole's place begins at its brace, its content one further on.
        var shift = start + Math.Max(0, token.Place.Length - token.Value.Length) / 2;
        var place = token.Place with
        {
            Offset = token.Place.Offset + shift,
            Column = token.Place.Column + shift,
            Length = length,
        };
        var value = token.Value.Substring(start, length);
        return new Token(TokenKind.Word, value, value, place, false);
    }

    void CheckOrder(Token template, IReadOnlyList<TemplatePart> parts)
    {
        if (parts.Count == 0)
            reporter.Add(
                Codes.WrongTemplate,
                template.Place,
                "This template matches nothing.",
                "Write the line with {names} where its values stand."
            );
        for (var i = 1; i < parts.Count; i++)
            if (
                parts[i] is TemplatePart.Capture next
                && parts[i - 1] is TemplatePart.Capture { Kind: CaptureKind.Text } capture
            )
                reporter.Add(
                    Codes.WrongTemplate,
                    template.Place,
                    $"Nothing tells where '{capture.Field.Name}' ends and "
                        + $"'{next.Field.Name}' begins.",
                    "Put the text that stands between them there, or use {name:word}."
                );
        foreach (var part in parts.SkipLast(1))
            if (part is TemplatePart.Capture { Kind: CaptureKind.Rest } rest)
                reporter.Add(
                    Codes.WrongTemplate,
                    template.Place,
                    $"Nothing can come after '{rest.Field.Name}', which takes all that is left."
                );
    }
}
