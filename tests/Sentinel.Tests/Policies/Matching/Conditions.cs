using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Sentinel.Policies.Compilation;
using Sentinel.Policies.Model;

namespace Sentinel.Tests.Policies.Matching;

/// <summary>Random conditions over few fields and few words, and events that nearly fit them.</summary>
public static class Conditions
{
    static readonly FieldTable table = new([
        ("kind", FieldType.Untyped),
        ("name", FieldType.Untyped),
        ("line", FieldType.Text),
        ("tags", FieldType.TextList),
        ("other", FieldType.Text),
    ]);

    // Parts of each other, other cases of each other, beyond ASCII, numbers in several spellings, and nothing.
    static readonly string[] words =
    [
        "",
        "a",
        "ab",
        "abc",
        "b",
        "cmd.exe",
        @"\cmd.exe",
        @"c:\windows\cmd.exe",
        "CMD",
        "net user",
        "1",
        "1.0",
        "01",
        "4688",
        "ſ",
        "K",
        "ı",
        "ä",
        "straße",
        "écran noir",
        "Écran",
        "名前",
        "exe",
    ];

    public static Arbitrary<SelectorMatcherTests.Case> Arbitrary() =>
        Arb.From(
            from common in Gen.Choose(0, 3)
            from selectors in Selectors(common == 0).ListOf()
            from events in Events.NonEmptyListOf()
            select new SelectorMatcherTests.Case([.. selectors], [.. events]),
            Shrink
        );

    public static EventSelector Selector(IReadOnlyList<ConditionTree> of) =>
        new("any", null, null, [.. of.Select(Condition)]);

    public static ConditionTree Equal(int field, string value) =>
        Leaf(
            table.All[field],
            new PredicateTest.TextIs(TextMatch.Equal, false, [value])
            {
                OrByNumber = table.All[field].Type == FieldType.Untyped,
            }
        );

    static IEnumerable<SelectorMatcherTests.Case> Shrink(SelectorMatcherTests.Case asked) =>
        Enumerable
            .Range(0, asked.Selectors.Count)
            .Select(i => asked with { Selectors = [.. asked.Selectors.Where((_, at) => at != i)] })
            .Concat(
                Enumerable
                    .Range(0, asked.Events.Count)
                    .Select(i =>
                        asked with
                        {
                            Events = [.. asked.Events.Where((_, at) => at != i)],
                        }
                    )
            );

    /// <param name="discriminating">All require one field to equal something, as rules of one log do.</param>
    static Gen<EventSelector> Selectors(bool discriminating) =>
        from category in Gen.Elements(null, null, "auth", "process")
        from type in Gen.Elements(null, null, "started")
        from kind in Gen.Elements("1", "01", "4688", "abc")
        from trees in Trees(3).ListOf(2)
        select new EventSelector(
            "any",
            category,
            type,
            [.. trees.Concat(discriminating ? [Equal(0, kind)] : []).Select(Condition)]
        );

    static Condition Condition(ConditionTree tree) => ConditionCompiler.Condition("any", tree);

    static Gen<ConditionTree> Trees(int depth) =>
        depth == 0
            ? Leaves
            : Gen.OneOf(
                Leaves,
                Leaves,
                Trees(depth - 1).Select(ConditionTree (t) => new ConditionTree.NotOf(t)),
                from count in Gen.Choose(-1, 4)
                from kind in Gen.Choose(0, 2)
                from size in Gen.Choose(0, 3)
                from of in Trees(depth - 1).ListOf(size)
                select Joined(kind, count, [.. of])
            );

    static ConditionTree Joined(int kind, int count, ValueList<ConditionTree> of) =>
        kind switch
        {
            0 => new ConditionTree.AllOf(of),
            1 => new ConditionTree.AnyOf(of),
            _ => new ConditionTree.AtLeastOf(count, of),
        };

    static Gen<ConditionTree> Leaves =>
        from asked in Gen.Elements<Field?>([.. table.All, .. table.All, null])
        from test in Gen.OneOf(Texts(asked), Texts(asked), Texts(asked), OtherTests(asked))
        select Leaf(asked, test);

    static ConditionTree Leaf(Field? field, PredicateTest test) =>
        new ConditionTree.LeafOf("any", new Predicate(field, test));

    static Gen<PredicateTest> Texts(Field? field) =>
        from match in Gen.Elements(Enum.GetValues<TextMatch>())
        from cased in Gen.Elements(false, false, true)
        from values in Gen.Elements(words).NonEmptyListOf()
        from star in Gen.Elements("", "*", "?", "*a")
        select (PredicateTest)
            new PredicateTest.TextIs(
                match,
                cased,
                [.. values.Take(3).Select(v => match == TextMatch.Like ? v + star + v : v)]
            )
            {
                OrByNumber = match == TextMatch.Equal && field?.Type == FieldType.Untyped,
            };

    static Gen<PredicateTest> OtherTests(Field? field)
    {
        var tests = new List<PredicateTest>
        {
            new PredicateTest.RegexFinds(RegexOptions.IgnoreCase, ["^c", "e$"]),
            new PredicateTest.RegexFinds(RegexOptions.IgnoreCase, [@"\bk\b|(?:net|ab+)c?"]),
            new PredicateTest.RegexFinds(RegexOptions.None, [@"(cmd|CMD)\.exe$", "a{2,3}b"]),
            new PredicateTest.RegexFinds(RegexOptions.None, ["(?i)EXE", @"[^a]b?:\\w.+s*\\c"]),
            new PredicateTest.RegexFinds(
                RegexOptions.IgnoreCase,
                ["net{1,}( user){0,2}", "4(68)+8"]
            ),
            new PredicateTest.NumberIs(Comparison.Equal, [1, 4688]),
            new PredicateTest.NumberIs(Comparison.GreaterOrEqual, [1]),
            new PredicateTest.FlagIs(true),
            new PredicateTest.AddressIn([AddressRange.Parse("10.0.0.0/8")!.Value]),
        };
        if (field is not null)
            tests.AddRange([
                new PredicateTest.IsPresent(),
                new PredicateTest.IsNotFalse(),
                new PredicateTest.FieldIs(Comparison.Equal, table.All[4], Cased: false),
                new PredicateTest.TextOfField(TextMatch.Contains, table.All[4], Cased: false),
            ]);
        return Gen.Elements<PredicateTest>(tests);
    }

    static Gen<Event> Events =>
        from category in Gen.Elements("auth", "process", "else")
        from type in Gen.Elements("started", "ended")
        from values in Values.ListOf(table.Count)
        from writer in Gen.Elements(
            null,
            JavaScriptEncoder.Default,
            JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            everything
        )
        select new Event(category, type, [.. values], writer);

    static Gen<object?> Values =>
        Gen.OneOf(
            Gen.Constant<object?>(null),
            Sentences.Select(object? (s) => s),
            Sentences.Select(object? (s) => s),
            Sentences.ListOf().Select(object? (s) => s.ToList()),
            Gen.Elements<object?>(1L, 4688L, 1.0, 0.5, true, false, IPAddress.Parse("10.1.2.3"))
        );

    static Gen<string> Sentences =>
        from some in Gen.Elements(words).ListOf()
        from upper in Gen.Elements(true, false)
        let text = string.Concat(some.Take(3))
        select upper ? text.ToUpperInvariant() : text;

    /// <param name="writer">Of its record; null where nobody has that.</param>
    public sealed class Event(
        string category,
        string type,
        object?[] values,
        JavaScriptEncoder? writer = null
    ) : IFieldValues
    {
        readonly byte[]? record = writer is null
            ? null
            : JsonSerializer.SerializeToUtf8Bytes(
                values.Select(v => v is IPAddress address ? address.ToString() : v),
                new JsonSerializerOptions { Encoder = writer }
            );

        public string Category => category;

        public string Type => type;

        public object? this[int ordinal] => values[ordinal];

        public IEnumerable<object> Everything => values.OfType<object>();

        public bool TryGetRecord(out ReadOnlySpan<byte> utf8)
        {
            utf8 = record;
            return record is not null;
        }

        public override string ToString() => $"{category}.{type} [{string.Join(" | ", values)}]";
    }

    /// <summary>Escapes every character, as JSON allows though nobody does.</summary>
    static readonly JavaScriptEncoder everything = JavaScriptEncoder.Create(
        new TextEncoderSettings()
    );
}
