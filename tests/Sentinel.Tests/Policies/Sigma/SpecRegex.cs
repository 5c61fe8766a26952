using System.Text;

namespace Sentinel.Tests.Policies.Sigma;

/// <summary>One text that an ordinary regular expression fits: the first alternative, the fewest repetitions.</summary>
sealed class SpecRegex
{
    readonly string pattern;
    int at;

    SpecRegex(string pattern) => this.pattern = pattern;

    public static string Example(string pattern) => new SpecRegex(pattern).Alternatives();

    string Alternatives()
    {
        var first = Sequence();
        while (Take('|'))
            Sequence();
        return first;
    }

    string Sequence()
    {
        var text = new StringBuilder();
        while (at < pattern.Length && pattern[at] is not ('|' or ')'))
        {
            var one = Atom();
            text.Insert(text.Length, one, Least());
        }
        return text.ToString();
    }

    string Atom()
    {
        var c = pattern[at++];
        if (c == '(')
            return Group();
        if (c == '[')
            return Class();
        if (c == '\\')
            return Escaped(pattern[at++]);
        return c switch
        {
            '^' or '$' => "",
            '.' => "x",
            _ => c.ToString(),
        };
    }

    string Group()
    {
        if (Take('?'))
        {
            while (pattern[at] is not (':' or ')'))
                at++;
            if (pattern[at++] == ')')
                return "";
        }
        var inner = Alternatives();
        Take(')');
        return inner;
    }

    string Class()
    {
        var negated = Take('^');
        var members = new List<string>();
        while (pattern[at] != ']' || members.Count == 0)
        {
            var c = pattern[at++];
            members.Add(c == '\\' ? Escaped(pattern[at++]) : c.ToString());
        }
        at++;
        return negated ? "~" : members[0];
    }

    static string Escaped(char c) =>
        c switch
        {
            'd' => "1",
            'w' => "w",
            's' => " ",
            'S' or 'D' or 'W' => c == 'W' ? " " : "x",
            'b' or 'B' => "",
            'n' => "\n",
            't' => "\t",
            _ => c.ToString(),
        };

    int Least()
    {
        if (at == pattern.Length)
            return 1;
        var least = 1;
        switch (pattern[at])
        {
            case '*' or '?':
                at++;
                least = 0;
                break;
            case '+':
                at++;
                break;
            case '{':
                var end = pattern.IndexOf('}', at);
                if (!int.TryParse(pattern[(at + 1)..end].Split(',')[0], out least))
                    least = 0;
                at = end + 1;
                break;
            default:
                return 1;
        }
        Take('?');
        return least;
    }

    bool Take(char c)
    {
        if (at == pattern.Length || pattern[at] != c)
            return false;
        at++;
        return true;
    }
}
