using System.Text;
using System.Text.RegularExpressions;

namespace Sentinel.Tests.House;

/// <summary>Documents point at what is there: files by path, headings by anchor.</summary>
public sealed partial class LinkTests
{
    [Fact]
    public void No_link_is_dead()
    {
        var documents = Repository.Files("", ".md").ToDictionary(file => file.Path);
        Assert.NotEmpty(documents);
        Assert.Empty(
            Dead(documents, path => Path.Exists(Path.Combine(Repository.Root, path))).Order()
        );
    }

    [Theory]
    [InlineData("[a](gone.md)", 1)]
    [InlineData("[a](there.md)", 0)]
    [InlineData("[a](../README.md)", 0)]
    [InlineData("[a](there.md#a-heading-of-two)", 0)]
    [InlineData("[a](there.md#gone)", 1)]
    [InlineData("[a](#gone)", 1)]
    [InlineData("[a](https://example.org/x)", 0)]
    [InlineData("`[a](gone.md)`", 0)]
    [InlineData("```\n[a](gone.md)\n```", 0)]
    [InlineData("![picture](gone.png)", 1)]
    public void A_dead_link_is_caught(string text, int caught)
    {
        HouseFile[] files =
        [
            new("docs/page.md", text),
            new("docs/there.md", "# A heading, of `two`!"),
            new("README.md", ""),
        ];
        var documents = files.ToDictionary(file => file.Path);
        Assert.Equal(caught, Dead(documents, documents.ContainsKey).Count());
    }

    static IEnumerable<string> Dead(
        Dictionary<string, HouseFile> documents,
        Func<string, bool> exists
    )
    {
        foreach (var document in documents.Values)
        foreach (Match link in LinkPattern().Matches(CodePattern().Replace(document.Text, "")))
        {
            var target = link.Groups["target"].Value;
            if (target.Contains("://") || target.StartsWith("mailto:", StringComparison.Ordinal))
                continue;
            var (path, anchor) = target.Split('#', 2) is [var p, var a] ? (p, a) : (target, null);
            var resolved =
                path.Length == 0
                    ? document.Path
                    : Path.GetRelativePath("/", Path.Combine("/", document.Folder, path));
            if (!exists(resolved))
                yield return $"{document.Path}: {target}";
            else if (
                anchor is not null
                && documents.TryGetValue(resolved, out var other)
                && !Anchors(other.Text).Contains(anchor)
            )
                yield return $"{document.Path}: {target} has no such heading";
        }
    }

    static HashSet<string> Anchors(string text) =>
        [
            .. HeadingPattern()
                .Matches(text)
                .Select(heading =>
                    heading
                        .Groups["title"]
                        .Value.Trim()
                        .ToLowerInvariant()
                        .Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')
                        .Aggregate(new StringBuilder(), (s, c) => s.Append(c == ' ' ? '-' : c))
                        .ToString()
                ),
        ];

    [GeneratedRegex(@"\[[^\]\n]*\]\((?<target>[^)\s]+)\)")]
    private static partial Regex LinkPattern();

    [GeneratedRegex(@"```.*?```|`[^`\n]*`", RegexOptions.Singleline)]
    private static partial Regex CodePattern();

    [GeneratedRegex(@"^#+ (?<title>.+)$", RegexOptions.Multiline)]
    private static partial Regex HeadingPattern();
}
