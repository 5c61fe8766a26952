using System.Text;

namespace Sentinel.Policies.Matching;

enum SoughtPlace
{
    Anywhere,
    Start,
    End,
    Whole,
}

/// <summary>A text to look for, whatever the case of its letters: ASCII in lower case, and not empty.</summary>
readonly record struct SoughtText(string Text, SoughtPlace Place)
{
    /// <summary>To find so short a text anywhere, nearly every byte needs a look.</summary>
    public const int ShortCharsMax = 6;

    public bool IsShort => Place == SoughtPlace.Anywhere && Text.Length <= ShortCharsMax;

    /// <summary>
    /// What a text must hold to hold <paramref name="text"/> in any case, or null where no ASCII is
    /// enough to tell: no letter beyond ASCII is the other case of one within it.
    /// </summary>
    public static SoughtText? Within(string text, SoughtPlace place)
    {
        if (text.Length == 0)
            return null;
        if (Ascii.IsValid(text))
            return new SoughtText(text.ToLowerInvariant(), place);
        var (start, length) = LongestRun(text, char.IsAscii);
        if (length < GramIndex.WidthMax)
            return null;
        var run = text.Substring(start, length).ToLowerInvariant();
        var left =
            start == 0 && place is SoughtPlace.Start or SoughtPlace.Whole
                ? SoughtPlace.Start
                : SoughtPlace.Anywhere;
        return new SoughtText(run, left);
    }

    /// <summary>
    /// What a record must hold for one of its values to hold <paramref name="text"/>: a part of which JSON
    /// escapes nothing.
    /// </summary>
    public static SoughtText? WithinRecord(string text)
    {
        var (start, length) = LongestRun(text, IsPlain);
        return length < GramIndex.WidthMax
            ? null
            : new SoughtText(
                text.Substring(start, length).ToLowerInvariant(),
                SoughtPlace.Anywhere
            );
    }

    /// <summary>What writers of JSON leave as it is; some escape more than the standard asks for.</summary>
    public static bool IsPlain(char c) => c is >= ' ' and <= '~' && !"\"\\/<>&'+`".Contains(c);

    static (int Start, int Length) LongestRun(string text, Func<char, bool> belongs)
    {
        var best = (Start: 0, Length: 0);
        var start = 0;
        for (var i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && belongs(text[i]))
                continue;
            if (i - start > best.Length)
                best = (start, i - start);
            start = i + 1;
        }
        return best;
    }
}
