using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Sentinel.Tests.Policies.Sigma;

/// <summary>Whether one value of an event is what one value of a rule asks for.</summary>
static class SpecLeaf
{
    const string Dashes = "-/\u2013\u2014\u2015";

    static readonly Dictionary<string, Regex> cache = [];

    public static bool Holds(SpecNode.Leaf leaf, SpecEvent candidate)
    {
        // Nobody gives placeholders a value here.
        if (leaf.Modifiers.Contains("expand"))
            return false;
        if (leaf.Field.Length == 0)
            return candidate.Fields.Values.Any(v =>
                v is not null && IsText(leaf.Modifiers, leaf.Value!, v, "contains")
            );
        var actual = candidate[leaf.Field];
        if (leaf.Modifiers.Contains("exists"))
            return candidate.Fields.ContainsKey(leaf.Field)
                == leaf.Value!.Equals("true", StringComparison.OrdinalIgnoreCase);
        if (leaf.Value is null)
            return actual is null;
        if (actual is null)
            return false;
        if (leaf.Modifiers.Contains("fieldref"))
            return candidate[leaf.Value] is { } other
                && actual.Equals(other, StringComparison.OrdinalIgnoreCase);
        if (leaf.Modifiers.Contains("cidr"))
            return IPAddress.TryParse(actual, out var address)
                && IPNetwork.Parse(leaf.Value).Contains(address);
        if (Order(leaf.Modifiers) is { } order)
            return double.TryParse(actual, CultureInfo.InvariantCulture, out var number)
                && order(number.CompareTo(double.Parse(leaf.Value, CultureInfo.InvariantCulture)));
        return IsText(leaf.Modifiers, leaf.Value, actual, "");
    }

    static Func<int, bool>? Order(IReadOnlyList<string> modifiers) =>
        modifiers.Contains("lt") ? c => c < 0
        : modifiers.Contains("lte") ? c => c <= 0
        : modifiers.Contains("gt") ? c => c > 0
        : modifiers.Contains("gte") ? c => c >= 0
        : null;

    static bool IsText(
        IReadOnlyList<string> modifiers,
        string value,
        string actual,
        string otherwise
    ) => Patterns(modifiers, value, otherwise).Any(p => p.IsMatch(actual));

    /// <summary>The regular expressions of which one must match.</summary>
    static List<Regex> Patterns(IReadOnlyList<string> modifiers, string value, string otherwise)
    {
        var options = RegexOptions.CultureInvariant;
        if (modifiers.Contains("re"))
        {
            if (modifiers.Contains("i"))
                options |= RegexOptions.IgnoreCase;
            if (modifiers.Contains("m"))
                options |= RegexOptions.Multiline;
            if (modifiers.Contains("s"))
                options |= RegexOptions.Singleline;
            return [Cached(value, options)];
        }
        if (!modifiers.Contains("cased"))
            options |= RegexOptions.IgnoreCase;
        options |= RegexOptions.Singleline;
        var place = modifiers.FirstOrDefault(m => m is "contains" or "startswith" or "endswith");
        var before = (place ?? otherwise) is "contains" or "endswith" ? "" : @"\A";
        var behind = (place ?? otherwise) is "contains" or "startswith" ? "" : @"\z";
        var bytes = modifiers.Any(m =>
            m.StartsWith("base64") || m is "wide" || m.StartsWith("utf16")
        );
        var bodies = bytes
            ? Encoded(modifiers, value).Select(Regex.Escape)
            : [Wild(value, modifiers.Contains("windash"))];
        return [.. bodies.Select(b => Cached(before + b + behind, options))];
    }

    static Regex Cached(string pattern, RegexOptions options)
    {
        var key = $"{(int)options} {pattern}";
        lock (cache)
            return cache.TryGetValue(key, out var regex)
                ? regex
                : cache[key] = new Regex(pattern, options);
    }

    static string Wild(string value, bool windash)
    {
        var pattern = new StringBuilder();
        for (var i = 0; i < value.Length; i++)
        {
            var c = value[i];
            if (c == '\\' && i + 1 < value.Length && "\\*?".Contains(value[i + 1]))
                pattern.Append(Regex.Escape(value[++i].ToString()));
            else if (c == '*')
                pattern.Append(".*");
            else if (c == '?')
                pattern.Append('.');
            else if (windash && Dashes.Contains(c))
                pattern.Append("[-/\u2013\u2014\u2015]");
            else
                pattern.Append(Regex.Escape(c.ToString()));
        }
        return pattern.ToString();
    }

    public static IEnumerable<string> Encoded(IReadOnlyList<string> modifiers, string value)
    {
        var bytes =
            modifiers.Contains("wide") || modifiers.Contains("utf16le")
                ? Encoding.Unicode.GetBytes(value)
            : modifiers.Contains("utf16be") ? Encoding.BigEndianUnicode.GetBytes(value)
            : modifiers.Contains("utf16") ? [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(value)]
            : Encoding.UTF8.GetBytes(value);
        if (modifiers.Contains("base64"))
            return [Convert.ToBase64String(bytes)];
        if (!modifiers.Contains("base64offset"))
            return [Encoding.Latin1.GetString(bytes)];
        int[] starts = [0, 2, 3];
        int[] ends = [0, 3, 2];
        return Enumerable
            .Range(0, 3)
            .Select(i =>
            {
                var text = Convert.ToBase64String([.. new byte[i], .. bytes]);
                return text[starts[i]..(text.Length - ends[(bytes.Length + i) % 3])];
            });
    }
}
