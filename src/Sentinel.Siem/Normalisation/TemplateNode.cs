using System.Text;
using Sentinel.Policies.Model;

namespace Sentinel.Siem.Normalisation;

/// <summary>A line template as a chain of parts, each knowing what follows it.</summary>
abstract class TemplateNode
{
    public sealed class Literal(string text, TemplateNode? next) : TemplateNode
    {
        public byte[] Text { get; } = Encoding.UTF8.GetBytes(text);
        public TemplateNode? Next => next;
    }

    public sealed class Capture(Field captured, CaptureKind kind, int index) : TemplateNode
    {
        public Field Field => captured;
        public CaptureKind Kind => kind;
        public int Index => index;
        public TemplateNode? Next { get; set; }
    }

    /// <summary>The body leads on to what follows; without it, that is tried directly.</summary>
    public sealed class Optional(TemplateNode? body, TemplateNode? next) : TemplateNode
    {
        public TemplateNode? Body => body;
        public TemplateNode? Next => next;
    }

    /// <summary>Captures are added in the order in which they stand.</summary>
    public static TemplateNode? Link(IReadOnlyList<TemplatePart> parts, List<Capture> captures) =>
        Link(parts, 0, null, captures);

    static TemplateNode? Link(
        IReadOnlyList<TemplatePart> parts,
        int index,
        TemplateNode? end,
        List<Capture> captures
    )
    {
        if (index == parts.Count)
            return end;
        switch (parts[index])
        {
            case TemplatePart.Literal literal:
                return new Literal(literal.Text, Link(parts, index + 1, end, captures));
            case TemplatePart.Capture capture:
                var node = new Capture(capture.Field, capture.Kind, captures.Count);
                captures.Add(node);
                node.Next = Link(parts, index + 1, end, captures);
                return node;
            case TemplatePart.Optional optional:
                var next = Link(parts, index + 1, end, captures);
                return new Optional(Link(optional.Parts, 0, next, captures), next);
            default:
                throw new InvalidOperationException("A template part of an unknown kind.");
        }
    }

    /// <summary>How text that matches can begin, or null where that is anything.</summary>
    public static IEnumerable<byte[]>? BeginningsOf(TemplateNode? node) =>
        node switch
        {
            Literal literal => [literal.Text],
            Optional optional
                when BeginningsOf(optional.Body) is { } body
                    && BeginningsOf(optional.Next) is { } next => body.Concat(next),
            _ => null,
        };
}
