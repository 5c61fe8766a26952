using System.Text;

namespace Sentinel.Siem.Normalisation;

/// <summary>Records of named values: <c>key=value "quoted"</c> (logfmt, netfilter) and CEF.</summary>
static class PairsEnvelope
{
    static readonly byte[][] CefHeader =
    [
        .. new[]
        {
            "vendor",
            "product",
            "device_version",
            "signature_id",
            "name",
            "severity",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    /// <summary>False where the line holds no pair; words between pairs are passed over.</summary>
    /// <param name="line">The members' record from this place on.</param>
    public static bool ReadKeyValue(ReadOnlySpan<byte> line, int start, RecordMembers members)
    {
        var found = false;
        var at = 0;
        while (true)
        {
            while (at < line.Length && (char)line[at] is ' ' or '\t' or ',' or ';')
                at++;
            var rest = line[at..];
            var end = rest.IndexOfAny("= \t"u8);
            if (end < 0)
                return found;
            at += end + 1;
            if (rest[end] != '=' || end == 0)
                continue;
            members.Set(rest[..end], ReadValue(line, start, ref at));
            found = true;
        }
    }

    static LazyValue ReadValue(ReadOnlySpan<byte> line, int start, ref int at)
    {
        var rest = line[at..];
        if (rest.IsEmpty || (char)rest[0] is not ('"' or '\''))
        {
            var end = rest.IndexOfAny(" \t"u8);
            var value = (end < 0 ? rest : rest[..end]).TrimEnd(",;"u8);
            var read = value.IsEmpty ? default : Text(start + at, value.Length);
            at = end < 0 ? line.Length : at + end;
            return read;
        }
        var quoted = 1;
        var escaped = false;
        while (quoted < rest.Length && rest[quoted] != rest[0])
        {
            if (rest[quoted] == '\\' && quoted + 1 < rest.Length)
                (escaped, quoted) = (true, quoted + 1);
            quoted++;
        }
        var inner = rest[1..Math.Min(quoted, rest.Length)];
        var result = escaped ? LazyValue.Of(Unquote(inner)) : Text(start + at + 1, inner.Length);
        at = Math.Min(at + quoted + 1, line.Length);
        return result;
    }

    static string Unquote(ReadOnlySpan<byte> quoted)
    {
        var chars = Encoding.UTF8.GetString(quoted);
        var text = new StringBuilder(chars.Length);
        for (var i = 0; i < chars.Length; i++)
        {
            if (chars[i] == '\\' && i + 1 < chars.Length)
                i++;
            text.Append(chars[i]);
        }
        return text.ToString();
    }

    /// <summary>False where the line holds no <c>CEF:</c> header.</summary>
    /// <param name="line">The members' record from this place on.</param>
    public static bool ReadCef(ReadOnlySpan<byte> line, int start, RecordMembers members)
    {
        var from = line.IndexOf("CEF:"u8);
        if (from < 0 || line[from..].IndexOf((byte)'|') is not (> 4 and var bar))
            return false;
        members.Set("version"u8, Text(start + from + 4, bar - 4));
        var at = from + bar + 1;
        foreach (var name in CefHeader)
        {
            var length = EndOf(line[at..], '|');
            if (length < 0)
                return false;
            members.Set(name, Unescape(line.Slice(at, length), start + at));
            at += length + 1;
        }
        ReadExtension(line[at..], start + at, members);
        return true;
    }

    static void ReadExtension(ReadOnlySpan<byte> line, int start, RecordMembers members)
    {
        while (!line.IsEmpty)
        {
            var equals = EndOf(line, '=');
            if (equals < 0)
                return;
            var name = Utf8Text.Trim(line[..equals]);
            line = line[(equals + 1)..];
            start += equals + 1;
            // A value may hold spaces: it ends before the word that the next sign stands behind.
            var next = EndOf(line, '=');
            var end = next < 0 ? line.Length : Math.Max(line[..next].LastIndexOf((byte)' '), 0);
            var (offset, length) = Utf8Text.TrimRange(line[..end]).GetOffsetAndLength(end);
            members.Set(name, Unescape(line.Slice(offset, length), start + offset));
            var passed = next >= 0 && end == 0 ? Math.Min(next + 1, line.Length) : end;
            line = line[passed..];
            start += passed;
        }
    }

    static int EndOf(ReadOnlySpan<byte> line, char symbol)
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

    static LazyValue Unescape(ReadOnlySpan<byte> value, int start) =>
        value.IsEmpty ? default
        : value.Contains((byte)'\\')
            ? LazyValue.Of(
                Encoding
                    .UTF8.GetString(value)
                    .Replace("\\n", "\n")
                    .Replace("\\r", "\r")
                    .Replace("\\|", "|")
                    .Replace("\\=", "=")
                    .Replace("\\\\", "\\")
            )
        : Text(start, value.Length);

    static LazyValue Text(int start, int length) => LazyValue.Of(ValueForm.Text, start, length);
}
