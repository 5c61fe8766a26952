using Sentinel.Policies.Model;

namespace Sentinel.Siem.Normalisation;

/// <summary>
/// A line template against whole lines of UTF-8: literals, typed captures and optional parts, with
/// backtracking that a budget of steps bounds whatever the line.
/// </summary>
sealed class LineMatcher
{
    const int StepsMax = 20_000;

    readonly TemplateNode? first;
    readonly TemplateNode.Capture[] captures;
    readonly (int Start, int Length)[] spans;
    readonly LazyValue[] found;
    int steps;

    public LineMatcher(LineTemplate template)
    {
        var listed = new List<TemplateNode.Capture>();
        first = TemplateNode.Link(template.Parts, listed);
        captures = [.. listed];
        spans = new (int, int)[captures.Length];
        found = new LazyValue[captures.Length];
        Beginnings = TemplateNode.BeginningsOf(first)?.ToArray();
    }

    /// <summary>How a line that matches can begin, or null where that is anything.</summary>
    public IReadOnlyList<byte[]>? Beginnings { get; }

    /// <summary>Sets the captured values; false, and nothing set, where the line does not match.</summary>
    /// <param name="start">Where the line stands in the record's array.</param>
    public bool Match(ReadOnlySpan<byte> line, int start, LazyValues values, TimeReader times)
    {
        Array.Fill(spans, (-1, 0));
        steps = 0;
        if (!Match(first, line, 0))
            return false;
        for (var i = 0; i < spans.Length; i++)
            if (spans[i] is (>= 0 and var at, var length))
            {
                var text = line.Slice(at, length);
                if (!Read(captures[i].Field.Type, text, start + at, times, out found[i]))
                    return false;
            }
        for (var i = 0; i < spans.Length; i++)
            if (spans[i].Start >= 0)
                values.Set(captures[i].Field.Ordinal, found[i]);
        return true;
    }

    /// <summary>False where the text is not of the type; nothing where it is empty.</summary>
    static bool Read(
        FieldType type,
        ReadOnlySpan<byte> text,
        int start,
        TimeReader times,
        out LazyValue value
    )
    {
        value = default;
        if (text.IsEmpty)
            return true;
        var asItStands = type switch
        {
            FieldType.Text or FieldType.Untyped => true,
            FieldType.Integer => FieldValue.IsShortWhole(text, out _),
            FieldType.Address => Addresses.IsAddress(text),
            _ => false,
        };
        if (asItStands)
            value = LazyValue.Of(ValueForm.Text, start, text.Length);
        else if (type == FieldType.Time)
            value = times.Read(text) is { } time ? LazyValue.Of(time) : default;
        else
            value = LazyValue.Of(FieldValue.Parse(text, type));
        return value.Form != ValueForm.Absent;
    }

    bool Match(TemplateNode? node, ReadOnlySpan<byte> line, int at)
    {
        while (true)
        {
            if (++steps > StepsMax)
                return false;
            switch (node)
            {
                case null:
                    return at == line.Length;
                case TemplateNode.Literal literal:
                    if (!line[at..].StartsWith(literal.Text))
                        return false;
                    at += literal.Text.Length;
                    node = literal.Next;
                    continue;
                case TemplateNode.Optional optional:
                    if (Match(optional.Body, line, at))
                        return true;
                    node = optional.Next;
                    continue;
                case TemplateNode.Capture capture:
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
    bool MatchShortest(TemplateNode.Capture capture, ReadOnlySpan<byte> line, int at, int most)
    {
        if (capture.Next is null)
            return most > 0 && at + most == line.Length && Take(capture, line, at, most);
        for (var length = 1; length <= most; length++)
        {
            if (capture.Next is TemplateNode.Literal literal)
            {
                var room = Math.Min(line.Length - at - length, most - length + literal.Text.Length);
                var next = line.Slice(at + length, room).IndexOf(literal.Text);
                if (next < 0)
                    return false;
                length += next;
            }
            else if (IsInsideOfCharacter(line, at + length))
                continue;
            if (Take(capture, line, at, length))
                return true;
            if (steps > StepsMax)
                return false;
        }
        return false;
    }

    static bool IsInsideOfCharacter(ReadOnlySpan<byte> line, int at) =>
        at < line.Length && (line[at] & 0xC0) == 0x80;

    bool MatchGreedy(TemplateNode.Capture capture, ReadOnlySpan<byte> line, int at, int length) =>
        (length > 0 || capture.Kind == CaptureKind.Rest) && Take(capture, line, at, length);

    bool MatchAddress(TemplateNode.Capture capture, ReadOnlySpan<byte> line, int at)
    {
        var rest = line[at..];
        for (var length = Addresses.LengthAtMost(rest); length > 1; length--)
        {
            // Only a colon or a point may stand behind an address and belong to the text.
            var mayEnd = length == rest.Length || !char.IsAsciiHexDigit((char)rest[length]);
            if (
                mayEnd
                && rest[length - 1] != '.'
                && Addresses.IsAddress(rest[..length])
                && Take(capture, line, at, length)
            )
                return true;
        }
        return false;
    }

    bool Take(TemplateNode.Capture capture, ReadOnlySpan<byte> line, int at, int length)
    {
        var before = spans[capture.Index];
        spans[capture.Index] = (at, length);
        if (Match(capture.Next, line, at + length))
            return true;
        spans[capture.Index] = before;
        return false;
    }

    static int Word(ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOfAny(" \t\r\n"u8);
        return end < 0 ? rest.Length : end;
    }

    static int Integer(ReadOnlySpan<byte> rest)
    {
        var sign = rest.StartsWith("-"u8) || rest.StartsWith("+"u8) ? 1 : 0;
        var end = rest[sign..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        var digits = end < 0 ? rest.Length - sign : end;
        return digits == 0 ? 0 : sign + digits;
    }

    static int Number(ReadOnlySpan<byte> rest)
    {
        var whole = Integer(rest);
        if (whole == 0 || whole + 1 >= rest.Length || rest[whole] != '.')
            return whole;
        var fraction = Integer(rest[(whole + 1)..]);
        return fraction == 0 || !char.IsAsciiDigit((char)rest[whole + 1])
            ? whole
            : whole + 1 + fraction;
    }
}
