using Sentinel.Policies.Model;

namespace Sentinel.Siem.Normalisation;

/// <summary>
/// A line template against whole lines: literals, typed captures and optional parts, with backtracking
/// that a budget of steps bounds whatever the line.
/// </summary>
sealed class LineMatcher
{
    const int StepsMax = 20_000;
    const int AddressCharsMax = 45;

    readonly MatcherNode? first;

    // How a line that matches can begin, or null where that is anything.
    readonly string[]? beginnings;
    readonly List<MatcherNode.Capture> captures = [];
    readonly (int Start, int Length)[] spans;
    int steps;

    public LineMatcher(LineTemplate template)
    {
        first = Link(template.Parts, 0, null);
        spans = new (int, int)[captures.Count];
        beginnings = BeginningsOf(first)?.Distinct().ToArray();
    }

    /// <summary>Sets the captured values; false, and nothing set, where the line does not match.</summary>
    public bool Match(ReadOnlySpan<char> line, object?[] values, TimeReader times)
    {
        if (!MayBegin(line))
            return false;
        Array.Fill(spans, (-1, 0));
        steps = 0;
        if (!Match(first, line, 0))
            return false;
        for (var i = 0; i < spans.Length; i++)
        {
            if (spans[i].Start < 0)
                continue;
            var text = line.Slice(spans[i].Start, spans[i].Length);
            var field = captures[i].Field;
            var value =
                field.Type == FieldType.Time
                    ? times.Read(text)
                    : FieldValue.Parse(text, field.Type);
            if (value is null && !text.IsEmpty && field.Type != FieldType.Text)
                return Forget(values, i);
            values[field.Ordinal] = value;
        }
        return true;
    }

    bool MayBegin(ReadOnlySpan<char> line)
    {
        if (beginnings is null)
            return true;
        foreach (var beginning in beginnings)
            if (line.StartsWith(beginning))
                return true;
        return false;
    }

    static IEnumerable<string>? BeginningsOf(MatcherNode? node) =>
        node switch
        {
            MatcherNode.Literal literal => [literal.Text],
            MatcherNode.Optional optional
                when BeginningsOf(optional.Body) is { } body
                    && BeginningsOf(optional.Next) is { } next => body.Concat(next),
            _ => null,
        };

    bool Forget(object?[] values, int count)
    {
        for (var i = 0; i < count; i++)
            values[captures[i].Field.Ordinal] = null;
        return false;
    }

    bool Match(MatcherNode? node, ReadOnlySpan<char> line, int at)
    {
        while (true)
        {
            if (++steps > StepsMax)
                return false;
            switch (node)
            {
                case null:
                    return at == line.Length;
                case MatcherNode.Literal literal:
                    if (!line[at..].StartsWith(literal.Text))
                        return false;
                    at += literal.Text.Length;
                    node = literal.Next;
                    continue;
                case MatcherNode.Optional optional:
                    if (Match(optional.Body, line, at))
                        return true;
                    node = optional.Next;
                    continue;
                case MatcherNode.Capture capture:
                    return capture.Kind switch
                    {
                        CaptureKind.Text => MatchShortest(capture, line, at, line.Length - at),
                        CaptureKind.Word => MatchShortest(capture, line, at, Word(line[at..])),
                        CaptureKind.Integer => MatchGreedy(capture, line, at, Integer(line[at..])),
                        CaptureKind.Number => MatchGreedy(capture, line, at, Number(line[at..])),
                        CaptureKind.Address => MatchAddress(capture, line, at),
                        CaptureKind.Rest => MatchGreedy(capture, line, at, line.Length - at),
                    };
                default:
                    return false;
            }
        }
    }

    /// <summary>As little as lets the rest match; the literal that follows shows where to try.</summary>
    bool MatchShortest(MatcherNode.Capture capture, ReadOnlySpan<char> line, int at, int most)
    {
        if (capture.Next is null)
            return most > 0 && at + most == line.Length && Take(capture, line, at, most);
        for (var length = 1; length <= most; length++)
        {
            if (capture.Next is MatcherNode.Literal literal)
            {
                var room = Math.Min(line.Length - at - length, most - length + literal.Text.Length);
                var found = line.Slice(at + length, room).IndexOf(literal.Text);
                if (found < 0)
                    return false;
                length += found;
            }
            if (Take(capture, line, at, length))
                return true;
            if (steps > StepsMax)
                return false;
        }
        return false;
    }

    bool MatchGreedy(MatcherNode.Capture capture, ReadOnlySpan<char> line, int at, int length) =>
        (length > 0 || capture.Kind == CaptureKind.Rest) && Take(capture, line, at, length);

    bool MatchAddress(MatcherNode.Capture capture, ReadOnlySpan<char> line, int at)
    {
        var rest = line[at..];
        var most = rest.IndexOfAnyExcept("0123456789abcdefABCDEF:.");
        most = Math.Min(most < 0 ? rest.Length : most, AddressCharsMax);
        for (var length = most; length > 1; length--)
        {
            var last = rest[length - 1];
            // Only a colon or a point may stand behind an address and belong to the text.
            var mayEnd = length == rest.Length || !char.IsAsciiHexDigit(rest[length]);
            if (
                mayEnd
                && last is not '.'
                && Addresses.TryParse(rest[..length], out _)
                && Take(capture, line, at, length)
            )
                return true;
        }
        return false;
    }

    bool Take(MatcherNode.Capture capture, ReadOnlySpan<char> line, int at, int length)
    {
        var before = spans[capture.Index];
        spans[capture.Index] = (at, length);
        if (Match(capture.Next, line, at + length))
            return true;
        spans[capture.Index] = before;
        return false;
    }

    static int Word(ReadOnlySpan<char> rest)
    {
        var end = rest.IndexOfAny(" \t\r\n");
        return end < 0 ? rest.Length : end;
    }

    static int Integer(ReadOnlySpan<char> rest)
    {
        var sign = rest.StartsWith("-") || rest.StartsWith("+") ? 1 : 0;
        var end = rest[sign..].IndexOfAnyExceptInRange('0', '9');
        var digits = end < 0 ? rest.Length - sign : end;
        return digits == 0 ? 0 : sign + digits;
    }

    static int Number(ReadOnlySpan<char> rest)
    {
        var whole = Integer(rest);
        if (whole == 0 || whole + 1 >= rest.Length || rest[whole] != '.')
            return whole;
        var fraction = Integer(rest[(whole + 1)..]);
        return fraction == 0 || !char.IsAsciiDigit(rest[whole + 1]) ? whole : whole + 1 + fraction;
    }

    MatcherNode? Link(IReadOnlyList<TemplatePart> parts, int index, MatcherNode? end)
    {
        if (index == parts.Count)
            return end;
        // Captures are numbered as they stand, so the part comes before what follows it.
        switch (parts[index])
        {
            case TemplatePart.Literal literal:
                return new MatcherNode.Literal(literal.Text, Link(parts, index + 1, end));
            case TemplatePart.Capture capture:
                var node = new MatcherNode.Capture(capture.Field, capture.Kind, captures.Count);
                captures.Add(node);
                node.Next = Link(parts, index + 1, end);
                return node;
            case TemplatePart.Optional optional:
                var next = Link(parts, index + 1, end);
                return new MatcherNode.Optional(Link(optional.Parts, 0, next), next);
            default:
                throw new InvalidOperationException("A template part of an unknown kind.");
        }
    }

    abstract class MatcherNode
    {
        public sealed class Literal(string text, MatcherNode? next) : MatcherNode
        {
            public string Text => text;
            public MatcherNode? Next => next;
        }

        public sealed class Capture(Field captured, CaptureKind kind, int index) : MatcherNode
        {
            public Field Field => captured;
            public CaptureKind Kind => kind;
            public int Index => index;
            public MatcherNode? Next { get; set; }
        }

        /// <summary>The body leads on to what follows; without it, that is tried directly.</summary>
        public sealed class Optional(MatcherNode? body, MatcherNode? next) : MatcherNode
        {
            public MatcherNode? Body => body;
            public MatcherNode? Next => next;
        }
    }
}
