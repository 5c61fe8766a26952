using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Sentinel.Policies.Matching;

namespace Sentinel.Tests.Policies.Matching;

public sealed class TextSearchTests
{
    [Property(MaxTest = 300, Arbitrary = [typeof(Overlapping)])]
    public void It_finds_what_asking_for_each_literal_finds(Search search)
    {
        var literals = search
            .Literals.Select(l => new SoughtText(l.Text, Enum.Parse<SoughtPlace>(l.Place)))
            .Distinct()
            .ToList();

        var expected = literals
            .Index()
            .Where(l => Stands(l.Item, search.Text))
            .Select(l => l.Index);

        Assert.Equal(expected, Find(literals, search.Text));
    }

    [Fact]
    public void Long_literals_of_one_beginning_and_one_end_are_told_apart()
    {
        var common = new string('x', 40);
        List<SoughtText> literals =
        [
            new(common + "a", SoughtPlace.Start),
            new(common + "b", SoughtPlace.Start),
            new("a" + common, SoughtPlace.End),
            new("b" + common, SoughtPlace.End),
            new(common + "a" + common, SoughtPlace.Whole),
            new(common, SoughtPlace.Anywhere),
        ];

        Assert.Equal([0, 2, 4, 5], Find(literals, common + "A" + common));
    }

    [Theory]
    [InlineData("net user", "NET USER")]
    [InlineData("écran noir", "cran noir")]
    [InlineData("né", null)]
    [InlineData("ſtart", "tart")]
    [InlineData("", null)]
    public void Of_a_literal_beyond_ASCII_a_part_that_tells_enough_is_sought(
        string literal,
        string? sought
    ) =>
        Assert.Equal(sought?.ToLowerInvariant(), SoughtText.Within(literal, SoughtPlace.End)?.Text);

    [Fact]
    public void No_letter_beyond_ASCII_is_another_case_of_one_within_it()
    {
        for (var code = 0x80; code <= char.MaxValue; code++)
        for (var ascii = 'a'; ascii <= 'z'; ascii++)
            if (string.Equals($"{(char)code}", $"{ascii}", StringComparison.OrdinalIgnoreCase))
                Assert.Fail($"U+{code:X4} is {ascii}");
    }

    static List<int> Find(IReadOnlyList<SoughtText> literals, string text)
    {
        var found = new Marks();
        found.Reserve(literals.Count);
        var folded = new FoldedText();
        folded.Set(text);
        new TextSearch(literals.Index().Select(l => (l.Item, l.Index))).Find(folded, found);
        found.Sort();
        return [.. found.Added];
    }

    static bool Stands(SoughtText literal, string text)
    {
        const StringComparison casing = StringComparison.OrdinalIgnoreCase;
        return literal.Place switch
        {
            SoughtPlace.Anywhere => text.Contains(literal.Text, casing),
            SoughtPlace.Start => text.StartsWith(literal.Text, casing),
            SoughtPlace.End => text.EndsWith(literal.Text, casing),
            SoughtPlace.Whole => text.Equals(literal.Text, casing),
        };
    }

    public sealed record Search(IReadOnlyList<(string Text, string Place)> Literals, string Text);

    static class Overlapping
    {
        public static Arbitrary<Search> Arbitrary() =>
            Arb.From(
                from literals in Literals.ListOf()
                from text in Texts(0, 30)
                select new Search([.. literals], text)
            );

        static Gen<(string, string)> Literals =>
            from text in Texts(1, 9)
            where Ascii.IsValid(text)
            from place in Gen.Elements(Enum.GetNames<SoughtPlace>())
            select (text.ToLowerInvariant(), place);

        // Few letters, so that literals overlap, repeat, and stand at both edges.
        static Gen<string> Texts(int lengthMin, int lengthMax) =>
            from length in Gen.Choose(lengthMin, lengthMax)
            from letters in Gen.Elements('a', 'a', 'A', 'b', 'B', 'b', 'ſ', 'K').ListOf(length)
            select new string([.. letters]);
    }
}
