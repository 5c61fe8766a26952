using System.Text.RegularExpressions;

namespace Sentinel.Tests.House;

/// <summary>
/// An arrow from folder A to folder B means that a file in A names a type that only B declares. Read
/// from the text: a name declared twice is left out, and a comment or a string does not count.
/// </summary>
public sealed partial class CircleTests
{
    const int FolderLevels = 3;

    [Fact]
    public void No_folders_go_in_circles()
    {
        var files = Repository.Files("src", ".cs").ToList();
        Assert.NotEmpty(files);
        Assert.Empty(Circles(files));
    }

    [Fact]
    public void Two_folders_that_use_each_other_are_caught()
    {
        HouseFile[] files =
        [
            new("src/P/A/One.cs", "class One { Two two; }"),
            new("src/P/B/Two.cs", "record Two(Three Three);"),
            new("src/P/C/Three.cs", "enum Three { } class Other { One one; }"),
            new("src/P/D/Four.cs", "class Four { One one; } // nobody uses it"),
            new("src/P/C/Text.cs", "class Text { string s = \"Four\"; }"),
        ];
        Assert.Equal(["src/P/A <-> src/P/B <-> src/P/C"], Circles(files));
        Assert.Empty(Circles(files[..2]));
    }

    static IEnumerable<string> Circles(IReadOnlyList<HouseFile> files)
    {
        var texts = files
            .Select(file => (Folder: FolderOf(file), Text: NoisePattern().Replace(file.Text, " ")))
            .ToList();
        var owners = texts
            .SelectMany(file =>
                DeclarationPattern()
                    .Matches(file.Text)
                    .Select(m => (Name: m.Groups["name"].Value, file.Folder, file.Text))
            )
            .GroupBy(declaration => declaration.Name)
            .Where(group => group.Select(d => d.Text).Distinct().Count() == 1)
            .ToDictionary(group => group.Key, group => group.First().Folder);
        var arrows = texts
            .SelectMany(file =>
                NamePattern()
                    .Matches(file.Text)
                    .Select(m => owners.GetValueOrDefault(m.Value))
                    .Where(owner => owner is not null && owner != file.Folder)
                    .Select(owner => (From: file.Folder, To: owner!))
            )
            .Distinct()
            .ToLookup(arrow => arrow.From, arrow => arrow.To);
        var reaches = texts
            .Select(file => file.Folder)
            .Distinct()
            .ToDictionary(folder => folder, folder => Reachable(folder, arrows));
        return reaches
            .Where(from => from.Value.Contains(from.Key))
            .Select(from =>
                string.Join(
                    " <-> ",
                    from.Value.Where(to => reaches[to].Contains(from.Key))
                        .Order(StringComparer.Ordinal)
                )
            )
            .Distinct();
    }

    static HashSet<string> Reachable(string start, ILookup<string, string> arrows)
    {
        var seen = new HashSet<string>();
        var waiting = new Stack<string>([start]);
        while (waiting.TryPop(out var folder))
            foreach (var next in arrows[folder].Where(seen.Add))
                waiting.Push(next);
        return seen;
    }

    static string FolderOf(HouseFile file) =>
        string.Join('/', file.Folder.Split('/').Take(FolderLevels));

    [GeneratedRegex(
        """
            //[^\n]*|/\*.*?\*/|\"{3}.*?\"{3}|@"(?:[^"]|"")*"|\$?"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\])'
            """,
        RegexOptions.Singleline
    )]
    private static partial Regex NoisePattern();

    [GeneratedRegex(
        @"\b(?:class|struct|interface|enum|record(?:\s+(?:class|struct))?|delegate\s+[\w<>\[\],.? ]+?)\s+(?<name>[A-Z]\w*)"
    )]
    private static partial Regex DeclarationPattern();

    [GeneratedRegex(@"\b[A-Z]\w*\b")]
    private static partial Regex NamePattern();
}
