using FsCheck.Xunit;
using Sentinel.Policies.Sigma;

namespace Sentinel.Tests.Policies.Sigma;

public sealed class ImportSigmaTests
{
    const string Whoami = """
        title: Enumerate All Information
        id: c248c896-e412-4279-8c15-1c558067b6fa
        status: test
        description: Detects "whoami /all"
        references:
            - https://example.org/a
        author: Some Body
        date: 2023-12-04
        tags:
            - attack.discovery
            - attack.t1033
        logsource:
            category: process_creation
            product: windows
        detection:
            selection_img:
                - Image|endswith: '\whoami.exe'
                - OriginalFileName: 'whoami.exe'
            selection_cli:
                CommandLine|contains|windash: ' -all'
            filter:
                User: null
            condition: all of selection_* and not filter
        falsepositives:
            - Unknown
        level: medium
        """;

    [Fact]
    public void A_rule_reads_like_one_that_a_person_wrote()
    {
        var text = Assert.Single(Import(Whoami).Texts);

        Assert.Equal("some.sentinel", text.Path);
        foreach (
            var line in new[]
            {
                "rule some",
                "  'Detects \"whoami /all\"'",
                "  attack T1033",
                "  severity 5",
                "  let selection_img = where Image endswith '\\whoami.exe' or OriginalFileName == \"whoami.exe\"",
                "  let selection_cli = where CommandLine contains windash \" -all\"",
                "  let filter        = where User not exists",
                "  let found         = event windows.process_creation where all of selection_* and not filter",
                "  each found",
                "  raises discovery \"Enumerate All Information on {host}\"",
            }
        )
            Assert.Contains(line, text.Text.Split('\n'));
    }

    [Theory]
    [InlineData("F: a", "F == 'a'")]
    [InlineData("F: 'it''s'", "F == \"it's\"")]
    [InlineData("F: [a, b]", "F in ('a', 'b')")]
    [InlineData("F: 12", "F == 12")]
    [InlineData("F: '12'", "F == '12'")]
    [InlineData("F: null", "F not exists")]
    [InlineData("F: ''", "F == ''")]
    [InlineData("F: 'a*'", "F startswith 'a'")]
    [InlineData("F: '*a*'", "F contains 'a'")]
    [InlineData("F: '*'", "F like '*'")]
    [InlineData("F: 'a*b'", "F like 'a*b'")]
    [InlineData(@"F: 'a\*b'", "F == 'a*b'")]
    [InlineData(@"F: 'a\\*'", @"F startswith 'a\'")]
    [InlineData(@"F: '*\a?\\*'", @"F like '*\a?\\*'")]
    [InlineData(@"F|contains: 'a\\b'", @"F contains 'a\b'")]
    [InlineData("F|contains: 'a*b'", "F like '*a*b*'")]
    [InlineData("F|contains|all: [a, b]", "F contains all ('a', 'b')")]
    [InlineData("F|contains|all: a", "F contains 'a'")]
    [InlineData("F|startswith|cased: a", "F cased startswith 'a'")]
    [InlineData("F|endswith: [a, 'b*']", "F endswith 'a' or F contains 'b'")]
    [InlineData("F|re: 'a.b'", "F matches 'a.b'")]
    [InlineData("F|re|i: 'a.b'", "F matches i 'a.b'")]
    [InlineData("F|cidr: [10.0.0.0/8, '::1/128']", "F cidr ('10.0.0.0/8', '::1/128')")]
    [InlineData("F|exists: true", "F exists")]
    [InlineData("F|exists: false", "F not exists")]
    [InlineData("F|gte: 5", "F >= 5")]
    [InlineData("F|neq: a", "not F == 'a'")]
    [InlineData("F|fieldref: G", "F == field(G)")]
    [InlineData("F|fieldref|endswith: G", "F endswith field(G)")]
    [InlineData("F|hour|gte: 22", "hour(F) >= 22")]
    [InlineData("F|wide|base64offset|contains: a", "F contains wide base64offset 'a'")]
    [InlineData("two words: a", "'two words' == 'a'")]
    [InlineData("cs-uri: a", "cs-uri == 'a'")]
    [InlineData("'|all': [a, b]", "record contains all ('a', 'b')")]
    public void A_test_becomes_a_condition(string yaml, string expected)
    {
        var text = Assert.Single(Import(Rule(yaml)).Texts).Text;

        // Which quotes are the easier to read is the formatter's choice.
        Assert.Contains(
            $"let found = event windows.process_creation where {expected}\n".Replace('"', '\''),
            text.Replace('"', '\'')
        );
    }

    [Theory]
    [InlineData("F|unheard: a", "the modifier 'unheard' is not known")]
    [InlineData("F|base64|wide: a", "transforms in an order that has no meaning")]
    [InlineData("F|base64offset|contains: 'a*'", "encodes a wildcard")]
    [InlineData("F|gt: many", "compared with what is no number")]
    [InlineData("F: []", "has no value")]
    [InlineData("F: {a: b}", "has a value that is no scalar")]
    public void What_cannot_be_said_is_listed_with_its_reason(string yaml, string reason)
    {
        var import = Import(Rule(yaml));

        Assert.Empty(import.Texts);
        Assert.Contains(reason, Assert.Single(import.Skipped).Reason);
    }

    [Theory]
    [InlineData("selection and", "the condition ends where a search identifier is expected")]
    [InlineData("selection selection", "the condition has 'selection' where the end is expected")]
    [InlineData("(selection", "the condition ends where ')' is expected")]
    [InlineData("other", "no such search identifier")]
    [InlineData("1 of other*", "'other*' means no search identifier")]
    [InlineData("2 of selection*", "'2 of selection*' never holds")]
    [InlineData("selection | count() > 5", "Sigma replaced by correlations")]
    public void A_condition_that_cannot_be_read_is_listed(string condition, string reason)
    {
        var import = Import(Rule("F: a", condition));

        Assert.Contains(reason, Assert.Single(import.Skipped).Reason);
    }

    [Fact]
    public void Deep_nesting_ends_in_a_reason_and_not_in_the_process()
    {
        var condition = new string('(', 50_000) + "selection" + new string(')', 50_000);
        var list = new string('[', 50_000) + new string(']', 50_000);

        Assert.Single(Import(Rule("F: a", condition)).Skipped);
        Assert.Single(Import(Rule($"F: {list}")).Skipped);
    }

    [Fact]
    public void A_few_aliases_do_not_stand_for_millions_of_values()
    {
        var lines = Enumerable
            .Range(1, 30)
            .Select(i => $"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]")
            .Prepend("a0: &a0 x");

        Assert.Contains(
            "more than",
            Assert.Single(Import(string.Join('\n', lines)).Skipped).Reason
        );
    }

    [Fact]
    public void One_bad_document_does_not_take_the_others_along()
    {
        var import = Import(
            $"{Whoami}\n---\ntitle: nothing else\n---\n{Whoami.Replace("id: c", "id: d")}"
        );

        Assert.Equal(3, import.Rules);
        Assert.Equal(["some.sentinel", "some_2.sentinel"], import.Texts.Select(t => t.Path));
        Assert.Equal("there is no logsource", Assert.Single(import.Skipped).Reason);
    }

    [Property]
    public void No_text_makes_the_import_throw(string text, int at)
    {
        Import(text ?? "");
        var cut = Math.Abs(at % Whoami.Length);
        Import(Whoami[..cut] + text + Whoami[cut..]);
        Import(Whoami.Remove(cut, Math.Min(7, Whoami.Length - cut)));
    }

    static SigmaImport Import(string yaml) => ImportSigma.Run([new SigmaFile("some.yml", yaml)]);

    static string Rule(string test, string condition = "selection") =>
        $$"""
            title: Some
            logsource: {product: windows, category: process_creation}
            detection:
                selection:
                    {{test}}
                condition: "{{condition}}"
            """;
}
