using System.Diagnostics;
using System.Text.RegularExpressions;
using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Checking;

/// <summary>What a finding says: text, keys, fields of events, and aggregations, in braces.</summary>
sealed partial class MessageBinder(Reporter reporter, RuleScope scope, Pattern pattern)
{
    public IReadOnlyList<MessagePart> Bind(Token message) =>
        [
            .. new TemplateReader(reporter, message, optionals: false)
                .Read()
                .Select(Bind)
                .OfType<MessagePart>(),
        ];

    MessagePart? Bind(TemplatePiece piece) =>
        piece switch
        {
            TemplatePiece.Literal literal => new MessagePart.Literal(literal.Text),
            TemplatePiece.Hole hole => BindHole(hole),
            _ => throw new UnreachableException(),
        };

    MessagePart? BindHole(TemplatePiece.Hole hole)
    {
        var inside = new Token(
            TokenKind.Word,
            hole.Content,
            hole.Content,
            hole.Place with
            {
                Offset = hole.Place.Offset + 1,
                Column = hole.Place.Column + 1,
                Length = hole.Content.Length,
            },
            false
        );
        var call = Call().Match(hole.Content);
        if (!call.Success)
            return Reference(inside);
        var syntax = new AggregationSyntax(
            inside.Place,
            RuleScope.Part(inside, call.Groups[1].Index, call.Groups[1].Length),
            RuleScope.Part(inside, call.Groups[2].Index, call.Groups[2].Length)
        );
        return scope.Aggregation(syntax) is { } aggregation
            ? new MessagePart.OfAggregation(aggregation)
            : null;
    }

    /// <summary>A part of the key, or a field of an event.</summary>
    public MessagePart? Reference(Token token)
    {
        for (var i = 0; i < pattern.KeyNames.Count; i++)
            if (pattern.KeyNames[i] == token.Value)
                return new MessagePart.Key(i);
        return scope.EventField(token) is var (selector, field)
            ? new MessagePart.OfEvent(selector, field)
            : null;
    }

    [GeneratedRegex(@"\A([a-z][a-z0-9]*)\(([^()]*)\)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Call();
}
