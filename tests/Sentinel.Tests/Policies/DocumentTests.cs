using System.Text.RegularExpressions;
using Sentinel.Policies;
using Sentinel.Policies.Syntax;
using Sentinel.Siem.Detection;
using Sentinel.Tests.House;

namespace Sentinel.Tests.Policies;

/// <summary>docs/policy-language.md is kept true: what it shows, works.</summary>
public sealed partial class DocumentTests
{
    const string Path = "docs/policy-language.md";

    public static TheoryData<int, string> Good() => Examples("sentinel");

    public static TheoryData<int, string> Bad() => Examples("sentinel-bad");

    [Theory]
    [MemberData(nameof(Good))]
    public void Every_example_is_a_policy(int line, string text)
    {
        var diagnostics = Some.Diagnostics(text);

        Assert.True(diagnostics.Count == 0, $"{Path}:{line}\n{string.Join('\n', diagnostics)}");
    }

    [Theory]
    [MemberData(nameof(Good))]
    public void Every_example_is_written_as_the_formatter_writes_it(int line, string text) =>
        Assert.True(
            ((PolicyFormat.Formatted)PolicyFormat.Of(new("example.sentinel", text))).Text == text,
            $"{Path}:{line} is not formatted"
        );

    [Theory]
    [MemberData(nameof(Good))]
    public void The_tests_inside_the_examples_pass(int line, string text)
    {
        var results = new TestPolicies().Run(Some.Policy(text));

        Assert.All(
            results,
            r => Assert.True(r.Passed, $"{Path}:{line} {r.Rule}: {r.Test}: {r.Instead}")
        );
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public void Every_bad_example_gives_its_code_and_no_other(int line, string text)
    {
        var (code, example) = (text[..6], text[7..]);

        var codes = Some.Diagnostics(example).Select(d => d.Code).Distinct().ToList();

        Assert.True(
            codes.Count == 1 && codes[0] == code,
            $"{Path}:{line} gave {string.Join(", ", codes)}"
        );
    }

    [Fact]
    public void Every_code_is_documented()
    {
        var codes = typeof(Codes)
            .GetFields()
            .Select(f => (string)f.GetRawConstantValue()!)
            .Order(StringComparer.Ordinal);

        var documented = CodeHeading().Matches(Document()).Select(m => m.Groups[1].Value);

        Assert.Equal(codes, documented);
    }

    [Fact]
    public void Every_field_is_documented()
    {
        var document = Document();

        Assert.All(
            Sentinel.Policies.Model.EventFields.CreateTable().All,
            field => Assert.Contains($"`{field.Name}`", document)
        );
    }

    static TheoryData<int, string> Examples(string language)
    {
        var document = Document();
        var data = new TheoryData<int, string>();
        foreach (Match fence in Fence().Matches(document))
        {
            var info = fence.Groups[1].Value.Split(' ');
            var line = document.AsSpan(0, fence.Index).Count('\n') + 1;
            if (info[0] == language)
                data.Add(
                    line,
                    info.Length > 1 ? info[1] + "\n" + fence.Groups[2].Value : fence.Groups[2].Value
                );
        }
        return data;
    }

    static string Document() => File.ReadAllText(System.IO.Path.Combine(Repository.Root, Path));

    [GeneratedRegex(
        @"^```(sentinel(?:-bad)?(?: POL\d{3})?)\n(.*?)^```$",
        RegexOptions.Multiline | RegexOptions.Singleline
    )]
    private static partial Regex Fence();

    [GeneratedRegex(@"^### (POL\d{3}): ", RegexOptions.Multiline)]
    private static partial Regex CodeHeading();
}
