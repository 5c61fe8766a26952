using System.Text;

namespace Sentinel.Policies.Sigma;

/// <summary>A Sigma text: what stands for itself, and the wildcards <c>*</c> and <c>?</c>.</summary>
sealed class WildText
{
    readonly List<(char Char, bool Wild)> glyphs;

    WildText(List<(char, bool)> glyphs) => this.glyphs = glyphs;

    public bool HasWild => glyphs.Exists(g => g.Wild);

    /// <summary>
    /// A backslash makes a plain character of a wildcard or of another backslash before it; any other
    /// backslash is one.
    /// </summary>
    public static WildText Of(string text)
    {
        var glyphs = new List<(char, bool)>(text.Length);
        for (var i = 0; i < text.Length; i++)
            if (text[i] == '\\' && i + 1 < text.Length && text[i + 1] is '*' or '?' or '\\')
                glyphs.Add((text[++i], false));
            else
                glyphs.Add((text[i], text[i] is '*' or '?'));
        return new WildText(glyphs);
    }

    /// <summary>The text where it has no wildcards.</summary>
    public string Plain => string.Concat(glyphs.Select(g => g.Char));

    /// <summary>
    /// The operator that says the same without wildcards, or <c>like</c>; with the text that it takes.
    /// </summary>
    /// <param name="anyBefore">Whether anything may stand before it, as with contains and endswith.</param>
    /// <param name="anyBehind">Whether anything may stand behind it, as with contains and startswith.</param>
    public (string Operator, string Text) Asked(bool anyBefore, bool anyBehind)
    {
        var start = 0;
        var end = glyphs.Count;
        while (start < end && glyphs[start] == ('*', true))
            (start, anyBefore) = (start + 1, true);
        while (end > start && glyphs[end - 1] == ('*', true))
            (end, anyBehind) = (end - 1, true);
        var inner = glyphs.GetRange(start, end - start);
        if (inner.Exists(g => g.Wild) || inner.Count == 0 && glyphs.Count > 0)
            return ("like", Like(inner, anyBefore, anyBehind));
        var text = string.Concat(inner.Select(g => g.Char));
        return (anyBefore, anyBehind) switch
        {
            (true, true) => ("contains", text),
            (true, false) => ("endswith", text),
            (false, true) => ("startswith", text),
            (false, false) => ("==", text),
        };
    }

    static string Like(List<(char Char, bool Wild)> inner, bool anyBefore, bool anyBehind)
    {
        if (inner.Count == 0)
            return "*";
        var text = new StringBuilder();
        if (anyBefore)
            text.Append('*');
        for (var i = 0; i < inner.Count; i++)
        {
            var (c, wild) = inner[i];
            var next =
                i + 1 < inner.Count ? inner[i + 1].Char
                : anyBehind ? '*'
                : '\0';
            if (!wild && (c is '*' or '?' || c == '\\' && next is '*' or '?' or '\\'))
                text.Append('\\');
            text.Append(c);
        }
        if (anyBehind)
            text.Append('*');
        return text.ToString();
    }
}
