using System.Text;
using Sentinel.Policies.Model;
using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Imports;

/// <summary>Every answer that reading a file of list entries can give.</summary>
public abstract record ListImport
{
    /// <param name="Text">One declaration, laid out as <c>policy fmt</c> does.</param>
    /// <param name="LeftOut">Lines that are no entry, each with its number and the reason.</param>
    public sealed record ListText(string Text, int Entries, IReadOnlyList<string> LeftOut)
        : ListImport;

    /// <param name="Reason">One sentence.</param>
    public sealed record Refused(string Reason) : ListImport;
}

/// <summary>
/// A file with an entry a line as a list of ours. What stands behind <c>#</c> is why the entry is there; blank
/// lines and lines of comment say nothing. What an entry has to be is the checker's business alone: what it
/// objects to is left out, and named.
/// </summary>
public static class ImportList
{
    public const int FileBytesMax = 1024 * 1024;
    const int HeadLines = 2;

    readonly record struct Entry(int Line, string Text);

    /// <param name="file">The file's text.</param>
    /// <param name="type">cidr, word, hash or number.</param>
    public static ListImport Run(string file, string name, string type)
    {
        var entries = Entries(file, type).ToList();
        var leftOut = new List<string>();
        if (Problems(name, type, entries) is { Count: > 0 } problems)
        {
            if (problems.FirstOrDefault(p => p.Line <= HeadLines) is { } head)
                return new ListImport.Refused(head.Message);
            foreach (var line in problems.DistinctBy(p => p.Line))
                leftOut.Add($"line {entries[line.Line - HeadLines - 1].Line}: {line.Message}");
            var bad = problems.Select(p => p.Line - HeadLines - 1).ToHashSet();
            entries = [.. entries.Where((_, i) => !bad.Contains(i))];
        }
        if (Problems(name, type, entries) is [var left, ..])
            return new ListImport.Refused(left.Message);
        return PolicyFormat.Of(TextOf(name, type, entries)) switch
        {
            PolicyFormat.Formatted formatted => new ListImport.ListText(
                formatted.Text,
                entries.Count,
                leftOut
            ),
            PolicyFormat.Rejected rejected => new ListImport.Refused(
                rejected.Diagnostics[0].Message
            ),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    static IEnumerable<Entry> Entries(string file, string type)
    {
        var lines = file.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var comment = lines[i].IndexOf('#');
            var value = (comment < 0 ? lines[i] : lines[i][..comment]).Trim(
                ' ',
                '\t',
                '\r',
                '\uFEFF'
            );
            if (value.Length == 0)
                continue;
            var because = comment < 0 ? "" : lines[i][(comment + 1)..].Trim(' ', '\t', '\r', '#');
            yield return new Entry(
                i + 1,
                (type == "word" || value.Any(char.IsWhiteSpace) ? Quoted(value) : value)
                    + (because.Length == 0 ? "" : $" because {Quoted(because)}")
            );
        }
    }

    static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
            quoted.Append(
                char.IsControl(c) ? " "
                : c is '"' or '\\' ? $"\\{c}"
                : c.ToString()
            );
        return quoted.Append('"').ToString();
    }

    static List<Diagnostic> Problems(string name, string type, List<Entry> entries) =>
        Policy.Load([TextOf(name, type, entries)], EventFields.CreateTable())
            is PolicyLoad.Rejected rejected
            ? [.. rejected.Diagnostics.Where(d => !d.IsWarning)]
            : [];

    static PolicyText TextOf(string name, string type, List<Entry> entries) =>
        new(
            $"{name}.sentinel",
            $"{Limits.ListFileMark}\nlist {name} : {type}\n"
                + string.Concat(entries.Select(e => $"  {e.Text}\n"))
        );
}
