using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Sentinel.Policies.Model;
using Sentinel.Siem.Normalisation;

namespace Sentinel.Tests.Siem;

/// <summary>The scanner against trying one template after another, letter by letter.</summary>
public sealed class LineScannerTests
{
    const int FieldsCount = 100;

    static readonly FieldTable Fields = new(
        Enumerable.Range(0, FieldsCount).Select(i => ($"f{i}", FieldType.Text))
    );

    static readonly EventShape Shape = new("some", "thing", 1, null, []);

    static readonly string[] Texts =
    [
        "a",
        "b",
        " ",
        "ab",
        "a b",
        "é",
        "-",
        "1",
        "1.2.3.4",
        "10.0.0.1:",
        "::1",
        ".5",
        "😀",
    ];

    static Gen<TemplatePart> PartOf(int depth) =>
        Gen.Frequency(
            (4, Gen.Elements(Texts).Select(t => (TemplatePart)new TemplatePart.Literal(t))),
            (
                4,
                Gen.Elements(Enum.GetValues<CaptureKind>())
                    .Select(kind => (TemplatePart)new TemplatePart.Capture(Fields.All[0], kind))
            ),
            (
                depth > 0 ? 2 : 0,
                PartsOf(Math.Max(0, depth - 1))
                    .Select(parts => (TemplatePart)new TemplatePart.Optional(parts))
            )
        );

    static Gen<IReadOnlyList<TemplatePart>> PartsOf(int depth) =>
        from count in Gen.Choose(1, 4)
        from parts in PartOf(depth).ListOf(count)
        select (IReadOnlyList<TemplatePart>)[.. parts];

    /// <summary>Each capture into a field of its own.</summary>
    static TemplatePart[] Numbered(IReadOnlyList<TemplatePart> parts, Queue<Field> fields) =>
        [
            .. parts.Select(part =>
                part switch
                {
                    TemplatePart.Capture capture => capture with { Field = fields.Dequeue() },
                    TemplatePart.Optional optional => new TemplatePart.Optional(
                        Numbered(optional.Parts, fields)
                    ),
                    _ => part,
                }
            ),
        ];

    [Property(MaxTest = 300)]
    public Property The_first_template_that_matches_decides_as_if_each_were_tried() =>
        Prop.ForAll(
            PartsOf(2).ListOf(4).ToArbitrary(),
            Gen.Elements(Texts).ListOf(8).Select(string.Concat).ToArbitrary(),
            (drawn, line) =>
            {
                var templates = drawn.Select(parts => Numbered(parts, new(Fields.All))).ToArray();
                var (found, values) = Scan(templates, line);
                var expected = templates
                    .Select((parts, i) => (i, Values: Reference(parts, line)))
                    .FirstOrDefault(match => match.Values is not null, (-1, null));
                return (found == expected.Item1 && Same(values, expected.Item2)).Label(
                    $"{found} and {expected.Item1} for \"{line}\""
                );
            }
        );

    static bool Same(string?[] found, string?[]? expected) =>
        found.SequenceEqual(expected ?? new string?[FieldsCount]);

    static (int, string?[]) Scan(IReadOnlyList<TemplatePart>[] templates, string line)
    {
        var bytes = new RecordBytes();
        bytes.Begin(Encoding.UTF8.GetBytes(line));
        var values = new LazyValues(bytes, FieldsCount, Fields.All);
        var scanner = new LineScanner(
            templates.Select(parts => new LineMatcher(new LineTemplate("", parts, Shape)))
        );
        var found = scanner.Match(bytes.All, 0, [], 0, values, new TimeReader(null));
        return (found, [.. values.ToArray().Cast<string?>()]);
    }

    /// <summary>Each way to match, best first, written out: the first that reaches the end.</summary>
    static string?[]? Reference(IReadOnlyList<TemplatePart> parts, string line) =>
        Ways([.. parts], line, new string?[FieldsCount]).FirstOrDefault();

    static IEnumerable<string?[]> Ways(TemplatePart[] parts, string line, string?[] values)
    {
        if (parts.Length == 0)
            return line.Length == 0 ? [values] : [];
        var after = parts[1..];
        return parts[0] switch
        {
            TemplatePart.Literal literal => line.StartsWith(literal.Text, StringComparison.Ordinal)
                ? Ways(after, line[literal.Text.Length..], values)
                : [],
            TemplatePart.Optional optional => Ways([.. optional.Parts, .. after], line, values)
                .Concat(Ways(after, line, values)),
            TemplatePart.Capture capture => Lengths(capture.Kind, line)
                .SelectMany(length =>
                {
                    var taken = values.ToArray();
                    taken[capture.Field.Ordinal] = length == 0 ? null : line[..length];
                    return Ways(after, line[length..], taken);
                }),
            _ => throw new InvalidOperationException(),
        };
    }

    static IEnumerable<int> Lengths(CaptureKind kind, string line) =>
        kind switch
        {
            CaptureKind.Text => Enumerable.Range(1, line.Length).Where(n => IsWhole(line, n)),
            CaptureKind.Word => Enumerable
                .Range(1, line.Length)
                .TakeWhile(n => line[n - 1] is not (' ' or '\t' or '\r' or '\n'))
                .Where(n => IsWhole(line, n)),
            CaptureKind.Integer => Longest(line, @"^[-+]?[0-9]+"),
            CaptureKind.Number => Longest(line, @"^[-+]?[0-9]+(\.[0-9]+)?"),
            CaptureKind.Address => Enumerable
                .Range(0, line.Length + 1)
                .Reverse()
                .Where(n => n == line.Length || !char.IsAsciiHexDigit(line[n]))
                .Where(n => n > 0 && line[n - 1] != '.' && Addresses.TryParse(line[..n], out _)),
            CaptureKind.Rest => [line.Length],
        };

    static bool IsWhole(string line, int length) =>
        length == line.Length || !char.IsLowSurrogate(line[length]);

    static IEnumerable<int> Longest(string line, string pattern) =>
        System.Text.RegularExpressions.Regex.Match(line, pattern) is { Success: true } match
            ? [match.Length]
            : [];
}
