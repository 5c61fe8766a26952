using Sentinel.Tests.House;

namespace Sentinel.Tests.Policies;

/// <summary>
/// Text and the diagnostics that it must give, as data: after <c>## name</c> the text, after
/// <c>---</c> one line for each diagnostic: line:column+length code message help.
/// </summary>
public sealed class CaseFileTests
{
    public static TheoryData<string, string, string> Cases()
    {
        var data = new TheoryData<string, string, string>();
        foreach (var file in Repository.Files("tests/Sentinel.Tests/Policies/Cases", ".cases"))
        foreach (var part in $"\n{file.Text}".Split("\n## ").Skip(1))
        {
            var halves = part.Split("\n---\n");
            var newline = halves[0].IndexOf('\n');
            data.Add(
                $"{file.Name}: {halves[0][..newline]}",
                halves[0][(newline + 1)..] + "\n",
                halves[1].Trim()
            );
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Text_gives_exactly_these_diagnostics(string name, string text, string expected)
    {
        var actual = Some.Diagnostics(text)
            .Select(d => $"{d.Line}:{d.Column}+{d.Length} {d.Code} {d.Message} {d.Help}".TrimEnd());

        Assert.Equal(expected, string.Join('\n', actual).Trim());
        Assert.NotEmpty(name);
    }
}
