using System.Text;

namespace Sentinel.Siem.Normalisation;

/// <summary>Records of named values: <c>key=value "quoted"</c> (logfmt, netfilter) and CEF.</summary>
static class PairsEnvelope
{
    static readonly string[] CefHeader =
    [
        "vendor",
        "product",
        "device_version",
        "signature_id",
        "name",
        "severity",
    ];

    /// <summary>False where the line holds no pair; words between pairs are passed over.</summary>
    public static bool ReadKeyValue(ReadOnlySpan<char> line, RecordMembers members)
    {
        var found = false;
        while (true)
        {
            line = line.TrimStart(" \t,;");
            var end = line.IndexOfAny("= \t");
            if (end < 0)
                return found;
            var name = line[..end];
            if (line[end] != '=' || end == 0)
            {
                line = line[(end + 1)..];
                continue;
            }
            line = line[(end + 1)..];
            members.Set(name, ReadValue(ref line));
            found = true;
        }
    }

    static string? ReadValue(ref ReadOnlySpan<char> line)
    {
        if (line.IsEmpty || line[0] is not ('"' or '\''))
        {
            var end = line.IndexOfAny(" \t");
            var value = (end < 0 ? line : line[..end]).TrimEnd(",;");
            line = end < 0 ? default : line[end..];
            return value.IsEmpty ? null : SharedTexts.Of(value);
        }
        var quote = line[0];
        var text = new StringBuilder();
        var at = 1;
        for (; at < line.Length && line[at] != quote; at++)
        {
            if (line[at] == '\\' && at + 1 < line.Length)
                at++;
            text.Append(line[at]);
        }
        line = line[Math.Min(at + 1, line.Length)..];
        return text.ToString();
    }

    /// <summary>False where the line holds no <c>CEF:</c> header.</summary>
    public static bool ReadCef(ReadOnlySpan<char> line, RecordMembers members)
    {
        var start = line.IndexOf("CEF:");
        if (start < 0 || line[start..].IndexOf('|') is not (> 4 and var bar))
            return false;
        members.Set("version", line.Slice(start + 4, bar - 4).ToString());
        line = line[(start + bar + 1)..];
        foreach (var name in CefHeader)
        {
            var end = EndOf(line, '|');
            if (end < 0)
                return false;
            members.Set(name, Unescape(line[..end]));
            line = line[(end + 1)..];
        }
        ReadExtension(line, members);
        return true;
    }

    static void ReadExtension(ReadOnlySpan<char> line, RecordMembers members)
    {
        while (!line.IsEmpty)
        {
            var equals = EndOf(line, '=');
            if (equals < 0)
                return;
            var name = line[..equals].Trim();
            line = line[(equals + 1)..];
            // A value may hold spaces: it ends before the word that the next sign stands behind.
            var next = EndOf(line, '=');
            var end = next < 0 ? line.Length : Math.Max(line[..next].LastIndexOf(' '), 0);
            members.Set(name, Unescape(line[..end].Trim()));
            line = line[end..];
            if (next >= 0 && end == 0)
                line = line[Math.Min(next + 1, line.Length)..];
        }
    }

    static int EndOf(ReadOnlySpan<char> line, char symbol)
    {
        for (var at = 0; at < line.Length; at++)
        {
            if (line[at] == '\\')
                at++;
            else if (line[at] == symbol)
                return at;
        }
        return -1;
    }

    static string? Unescape(ReadOnlySpan<char> value) =>
        value.IsEmpty ? null
        : value.Contains('\\')
            ? value
                .ToString()
                .Replace("\\n", "\n")
                .Replace("\\r", "\r")
                .Replace("\\|", "|")
                .Replace("\\=", "=")
                .Replace("\\\\", "\\")
        : SharedTexts.Of(value);
}
