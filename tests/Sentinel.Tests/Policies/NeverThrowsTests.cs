using System.Text;
using FsCheck;
using FsCheck.Xunit;
using Sentinel.Policies;
using Sentinel.Policies.Model;
using Sentinel.Policies.Store;

namespace Sentinel.Tests.Policies;

/// <summary>Whatever the text, the answer is a policy or diagnostics that point into it.</summary>
public sealed class NeverThrowsTests
{
    static readonly string[] words =
    [
        "source",
        "rule",
        "list",
        "sla",
        "calendar",
        "mapping",
        "retention",
        "notify",
        "map",
        "=",
        "zone",
        "hours",
        "holiday",
        "monday",
        "09:00",
        "escalation",
        "accepts",
        "where",
        "line",
        "is",
        "when",
        "fields",
        "otherwise",
        "timestamp",
        "as",
        "let",
        "event",
        "each",
        "aggregate",
        "sequence",
        "by",
        "within",
        "having",
        "then",
        "no",
        "at",
        "least",
        "times",
        "confidence",
        "per",
        "beyond",
        "raises",
        "once",
        "in",
        "test",
        "expect",
        "nothing",
        "to",
        "close",
        ":",
        "(",
        ")",
        "==",
        "=",
        ",",
        "+",
        "-",
        "and",
        "or",
        "not",
        "has",
        "exists",
        "contains",
        "matches",
        "cidr",
        "all",
        "like",
        "of",
        "windash",
        "base64offset",
        "wide",
        "hour",
        "record",
        "open",
        "is_*",
        "field",
        "user",
        "auth.login",
        "5m",
        "7",
        "high",
        "10.0.0.0/8",
        "'{user} [x] \\d+'",
        "\"{user:ip} \\[\"",
        "\n",
        "\n  ",
        "\n    ",
        "#",
        "\"",
        "'",
        "severity",
        "any",
        "*",
        "%",
        "{",
        "}",
    ];

    [Property(MaxTest = 500)]
    public void Any_text(string? text)
    {
        Check(text ?? "");
        Query.Load(text ?? "", EventFields.CreateTable());
    }

    [Property(MaxTest = 300)]
    public void Any_bytes(byte[]? bytes) => Check(Encoding.UTF8.GetString(bytes ?? []));

    [Property(MaxTest = 500)]
    public void Any_words_of_the_language(byte[] choices) =>
        Check("rule a\n  " + string.Join(' ', choices.Select(c => words[c % words.Length])));

    [Property(MaxTest = 300)]
    public void Any_shipped_policy_with_pieces_torn_out_moved_and_replaced(
        NonNegativeInt which,
        (ushort At, byte Length, ushort To, byte Word)[] edits
    )
    {
        var text = ShippedPolicies.Texts[which.Get % ShippedPolicies.Texts.Count].Text;
        foreach (var (at, length, to, word) in edits)
        {
            var start = at % (text.Length + 1);
            var cut = Math.Min(length, text.Length - start);
            var piece = text.Substring(start, cut);
            text = text.Remove(start, cut);
            text = text.Insert(
                to % (text.Length + 1),
                word % 2 == 0 ? piece : words[word % words.Length]
            );
        }
        Check(text);
    }

    [Theory]
    [InlineData("(", 60_000)]
    [InlineData("not ", 15_000)]
    [InlineData("user == a and ", 4_000)]
    [InlineData("user == a or (", 3_000)]
    [InlineData("user in (a, ", 4_000)]
    [InlineData("\n", 60_000)]
    [InlineData("\n  let a = event a.b", 3_000)]
    public void Long_and_deep_conditions(string piece, int times) =>
        Check("escalation a\n  when " + string.Concat(Enumerable.Repeat(piece, times)));

    [Theory]
    [InlineData("[", 30_000)]
    [InlineData("{", 30_000)]
    [InlineData("{a} ", 10_000)]
    [InlineData("[a", 20_000)]
    public void Long_and_deep_templates(string piece, int times) =>
        Check(
            "source a\n  accepts text\n  line '"
                + string.Concat(Enumerable.Repeat(piece, times))
                + "'\n    is a.b severity 1\n"
        );

    [Theory]
    [InlineData("(a{1000}){1000}")]
    [InlineData("((((a{90}){90}){90}){90})")]
    [InlineData("(a{1000}[)]){1000}")]
    [InlineData("[(]a{1000}b{1000}(c)")]
    [InlineData("(?<=a)b")]
    [InlineData("(a)\\1")]
    [InlineData("[")]
    [InlineData("a{99999999999999999999}")]
    public void Regular_expressions_that_cannot_be(string pattern) =>
        Assert.Equal(
            "POL022",
            Assert
                .Single(
                    Some.Diagnostics(
                        $"escalation a\n  when user matches '{pattern}'\n  open incident\n"
                    )
                )
                .Code
        );

    [Fact]
    public void A_mebibyte_is_refused_before_it_is_read() =>
        Assert.Equal("POL001", Assert.Single(Some.Diagnostics(new string('(', 1 << 20))).Code);

    static void Check(string text)
    {
        FormatTests.Check(text);
        var table = EventFields.CreateTable();
        var before = table.Count;
        switch (Policy.Load([new PolicyText("some.sentinel", text)], table))
        {
            case PolicyLoad.Rejected rejected:
                var lines = text.Split('\n').Length + text.Count(c => c == '\r');
                Assert.NotEmpty(rejected.Diagnostics);
                Assert.All(
                    rejected.Diagnostics,
                    d =>
                    {
                        Assert.InRange(d.Line, 1, lines);
                        Assert.InRange(d.Column, 1, text.Length + 2);
                        Assert.NotEmpty(d.Message);
                    }
                );
                Assert.Equal(before, table.Count);
                break;
            case PolicyLoad.Loaded loaded:
                Assert.Same(table, loaded.Policy.Fields);
                break;
        }
    }
}
