using System.Text.RegularExpressions;

namespace Sentinel.Tests.House;

/// <summary>Length, unfinished business, folder names, packages: what nobody should have to discuss.</summary>
public sealed partial class TidyTests
{
    const int FileLinesMax = 400;

    /// <summary>Files that are longer, and how long. May only shrink; empty is how it should stay.</summary>
    static readonly Dictionary<string, int> longFiles = [];

    static readonly string[] noFolder = ["Helpers", "Utils", "Common", "Managers", "Services"];

    static IEnumerable<HouseFile> Code =>
        Repository.Files("src", ".cs", ".sql").Concat(Repository.Files("tests", ".cs"));

    [Fact]
    public void No_file_is_longer_than_it_may_be() => Assert.Empty(TooLong(Code, longFiles));

    [Fact]
    public void A_file_of_401_lines_is_caught_and_so_is_an_exception_that_is_over()
    {
        var file = new HouseFile("src/A.cs", new string('\n', FileLinesMax + 1));
        Assert.Single(TooLong([file], []));
        Assert.Single(TooLong([file], new() { ["src/A.cs"] = FileLinesMax }));
        Assert.Empty(TooLong([file], new() { ["src/A.cs"] = FileLinesMax + 1 }));
        Assert.Single(TooLong([file with { Text = "" }], new() { ["src/A.cs"] = 500 }));
    }

    [Fact]
    public void Unfinished_business_names_its_issue() =>
        Assert.Empty(
            Unfinished(
                Code.Concat(Repository.Files("docs", ".md"))
                    .Concat(Repository.Files("policies", ".sentinel"))
                    .Where(file => file.Name != nameof(TidyTests) + ".cs")
            )
        );

    [Theory]
    [InlineData("// TODO later", 1)]
    [InlineData("// FIXME: wrong", 1)]
    [InlineData("// TODO #17 later", 0)]
    [InlineData("var toDo = 1;", 0)]
    public void Unfinished_business_without_an_issue_is_caught(string line, int caught) =>
        Assert.Equal(caught, Unfinished([new("src/A.cs", line)]).Count());

    [Fact]
    public void No_folder_is_a_drawer_for_everything() =>
        Assert.Empty(Drawers(Repository.Folders()));

    [Fact]
    public void A_folder_called_Utils_is_caught() =>
        Assert.Equal(
            ["src/Sentinel.Siem/utils"],
            Drawers(["src/Sentinel.Siem", "src/Sentinel.Siem/utils"])
        );

    [Fact]
    public void Every_project_has_its_lock_file_and_no_version_of_its_own() =>
        Assert.Empty(
            Unlocked(
                Repository.Files("src", ".csproj").Concat(Repository.Files("tests", ".csproj")),
                path => File.Exists(Path.Combine(Repository.Root, path))
            )
        );

    [Fact]
    public void A_project_without_a_lock_file_is_caught_and_so_is_a_version_of_its_own()
    {
        var project = new HouseFile("src/A/A.csproj", "<PackageReference Version=\"1\" />");
        Assert.Equal(2, Unlocked([project], _ => false).Count());
        Assert.Empty(Unlocked([project with { Text = "<Project />" }], _ => true));
    }

    static IEnumerable<string> TooLong(
        IEnumerable<HouseFile> files,
        Dictionary<string, int> exceptions
    ) =>
        from file in files
        let lines = file.Text.Count(c => c == '\n')
        let excepted = exceptions.ContainsKey(file.Path)
        let allowed = exceptions.GetValueOrDefault(file.Path, FileLinesMax)
        where lines > allowed || (excepted && lines <= FileLinesMax)
        select excepted && lines <= FileLinesMax
            ? $"{file.Path} has {lines} lines now: take it off the list"
            : $"{file.Path} has {lines} lines, {allowed} are allowed";

    static IEnumerable<string> Unfinished(IEnumerable<HouseFile> files) =>
        from file in files
        from found in UnfinishedPattern().Matches(file.Text)
        select $"{file.Path}: {found.Value}";

    static IEnumerable<string> Drawers(IEnumerable<string> folders) =>
        folders.Where(folder =>
            noFolder.Contains(Path.GetFileName(folder), StringComparer.OrdinalIgnoreCase)
        );

    static IEnumerable<string> Unlocked(IEnumerable<HouseFile> projects, Func<string, bool> exists)
    {
        foreach (var project in projects)
        {
            if (!exists($"{project.Folder}/packages.lock.json"))
                yield return $"{project.Path} has no packages.lock.json";
            if (OwnVersionPattern().IsMatch(project.Text))
                yield return $"{project.Path} names a version: Directory.Packages.props does that";
        }
    }

    [GeneratedRegex(@"\b(TODO|FIXME|HACK)\b(?! ?\(?#\d)[^\n]*")]
    private static partial Regex UnfinishedPattern();

    [GeneratedRegex(@"<PackageReference[^>]*\bVersion(Override)?=")]
    private static partial Regex OwnVersionPattern();
}
