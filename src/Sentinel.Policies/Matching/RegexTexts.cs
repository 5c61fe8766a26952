using System.Text;

namespace Sentinel.Policies.Matching;

/// <summary>
/// What a text must hold for a regular expression to be found in it, as far as its pattern plainly says: a
/// construct that this does not know makes all unknown.
/// </summary>
/// <param name="ofText">The cover of a text that has to occur.</param>
sealed class RegexTexts(string pattern, Func<string, Cover> ofText)
{
    int at;
    bool isUnsure;

    public Cover Read()
    {
        var cover = ReadAlternatives();
        return isUnsure || at < pattern.Length ? Cover.Unknown : cover;
    }

    char? Next => at < pattern.Length ? pattern[at] : null;

    Cover ReadAlternatives()
    {
        var alternatives = new List<Cover> { ReadSequence() };
        while (!isUnsure && Next == '|')
        {
            at++;
            alternatives.Add(ReadSequence());
        }
        return Cover.Any(alternatives);
    }

    Cover ReadSequence()
    {
        var best = Cover.Unknown;
        var run = new StringBuilder();
        while (!isUnsure && Next is { } next and not ('|' or ')'))
        {
            at++;
            (char? text, Cover part) = next switch
            {
                '(' => (null, ReadGroup()),
                '[' => (null, SkipClass()),
                '.' or '^' or '$' => (null, Cover.Unknown),
                '\\' => (ReadEscape(), Cover.Unknown),
                // In another case, a letter beyond ASCII may be one within it.
                _ => (char.IsAscii(next) ? next : null, Cover.Unknown),
            };
            var (least, isOnce) = ReadQuantifier();
            if (text is { } character && least > 0)
                run.Append(character);
            else if (least > 0)
                best = Cheaper(best, part);
            if (text is null || !isOnce)
                best = Cheaper(best, TakeRun(run));
        }
        return Cheaper(best, TakeRun(run));
    }

    static Cover Cheaper(Cover one, Cover other) => other.Cost < one.Cost ? other : one;

    Cover TakeRun(StringBuilder run)
    {
        var cover = run.Length == 0 ? Cover.Unknown : ofText(run.ToString());
        run.Clear();
        return cover;
    }

    Cover ReadGroup()
    {
        if (Next == '?')
        {
            at++;
            SkipGroupKind();
            // Flags for what follows, such as (?i), end at once.
            if (Next == ')')
            {
                at++;
                return Cover.Unknown;
            }
        }
        var inner = ReadAlternatives();
        if (Next == ')')
            at++;
        else
            isUnsure = true;
        return inner;
    }

    void SkipGroupKind()
    {
        while (Next is 'i' or 'm' or 's' or 'n')
            at++;
        if (Next == ':')
            at++;
        else if (Next != ')')
            isUnsure = true;
    }

    Cover SkipClass()
    {
        if (Next == '^')
            at++;
        // A bracket that comes first stands for itself.
        if (Next == ']')
            at++;
        for (; Next is { } next and not ']'; at++)
            if (next == '\\')
                at++;
            else if (next == '[')
                isUnsure = true;
        if (Next is null)
            isUnsure = true;
        at++;
        return Cover.Unknown;
    }

    /// <summary>The character that is meant; null for a class or an anchor.</summary>
    char? ReadEscape()
    {
        if (Next is not { } next)
        {
            isUnsure = true;
            return null;
        }
        at++;
        if (!char.IsAsciiLetterOrDigit(next))
            return char.IsAscii(next) ? next : null;
        if (next is not ('d' or 'D' or 's' or 'S' or 'w' or 'W' or 'b' or 'B' or 'n' or 'r' or 't'))
            isUnsure = true;
        return null;
    }

    /// <summary>How often the part before occurs at least, and whether exactly once.</summary>
    (int Least, bool IsOnce) ReadQuantifier()
    {
        var (least, isOnce) = (1, true);
        switch (Next)
        {
            case '*' or '?':
                (least, isOnce) = (0, false);
                at++;
                break;
            case '+':
                isOnce = false;
                at++;
                break;
            case '{':
                var end = pattern.IndexOf('}', at);
                var counts = end < 0 ? "" : pattern[(at + 1)..end];
                // Any other brace would stand for itself.
                if (counts.Length == 0 || !counts.All(c => char.IsAsciiDigit(c) || c == ','))
                {
                    isUnsure = true;
                    break;
                }
                (least, isOnce) = (counts.TrimStart('0') is "" or [',', ..] ? 0 : 1, false);
                at = end + 1;
                break;
        }
        if (!isOnce && Next is '?' or '+')
            at++;
        return (least, isOnce);
    }
}
