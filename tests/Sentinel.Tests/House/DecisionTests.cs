namespace Sentinel.Tests.House;

/// <summary>Decision records are short, and all of them stand in their index.</summary>
public sealed class DecisionTests
{
    const string Folder = "docs/decisions";
    const int LinesMax = 40;

    static HouseFile Index =>
        Repository.Files(Folder, ".md").Single(file => file.Name == "README.md");

    static IEnumerable<HouseFile> Records =>
        Repository.Files(Folder, ".md").Where(file => file.Name != "README.md");

    [Fact]
    public void Every_record_is_short_and_stands_in_the_index() =>
        Assert.Empty(Records.SelectMany(record => Wrong(record, Index.Text)));

    [Fact]
    public void A_record_that_is_long_or_not_listed_is_caught()
    {
        var record = new HouseFile($"{Folder}/0007-x.md", "# 7. X\n");
        const string Listed = "| 7 | [X](0007-x.md) |";

        Assert.Empty(Wrong(record, Listed));
        Assert.Single(Wrong(record, ""));
        Assert.Single(Wrong(record, "| 7 | [Y](0007-x.md) |"));
        Assert.Single(
            Wrong(record with { Text = "# 7. X\n" + new string('\n', LinesMax) }, Listed)
        );
    }

    static IEnumerable<string> Wrong(HouseFile record, string index)
    {
        var lines = record.Text.TrimEnd('\n').Split('\n');
        if (record.Text.Count(c => c == '\n') > LinesMax)
            yield return $"{record.Path} has more than {LinesMax} lines";
        var (number, title) = lines[0].TrimStart('#', ' ').Split(". ", 2) is [var n, var t]
            ? (n, t)
            : ("", lines[0]);
        if (!index.Contains($"| {number} | [{title}]({record.Name}) |"))
            yield return $"{Folder}/README.md does not list {record.Name} as '{number}. {title}'";
    }
}
