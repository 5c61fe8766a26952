using Sentinel.Policies.Model;

namespace Sentinel.Siem.Rules;

/// <summary>What a text declares, by the lines that begin a declaration: without a need to be right.</summary>
static class DeclarationLines
{
    public static IEnumerable<(string Kind, string Name)> Of(PolicyText text) =>
        text.Text.Split('\n').Where(Begins).Select(Declared);

    /// <summary>The text with everything else blank, so that lines keep their numbers.</summary>
    public static PolicyText Keep(PolicyText text, Func<(string Kind, string Name), bool> keeps)
    {
        var lines = text.Text.Split('\n');
        var kept = false;
        for (var i = 0; i < lines.Length; i++)
        {
            if (Begins(lines[i]))
                kept = keeps(Declared(lines[i]));
            if (!kept)
                lines[i] = "";
        }
        return new PolicyText(text.Path, string.Join('\n', lines));
    }

    static bool Begins(string line) => line.Length > 0 && char.IsAsciiLetter(line[0]);

    static (string Kind, string Name) Declared(string line)
    {
        var kind = line.Split(' ', 2)[0];
        return (kind, line[kind.Length..].Trim().Split(' ', ':', '#')[0]);
    }
}
