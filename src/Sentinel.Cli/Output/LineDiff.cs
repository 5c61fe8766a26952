namespace Sentinel.Cli.Output;

/// <summary>What became of each line between two texts: kept, taken away, added.</summary>
static class LineDiff
{
    const int ContextLines = 3;

    // Beyond it the middle of two texts is said to be another one, which is true as well.
    const long CellsMax = 16_000_000;

    /// <summary>Lines that begin with a space, a minus or a plus; the fewest changes there are.</summary>
    public static IReadOnlyList<string> Of(string before, string after)
    {
        var (old, now) = (before.Split('\n'), after.Split('\n'));
        var alike = Math.Min(old.Length, now.Length);
        var head = 0;
        while (head < alike && old[head] == now[head])
            head++;
        var tail = 0;
        while (tail < alike - head && old[^(tail + 1)] == now[^(tail + 1)])
            tail++;
        return
        [
            .. old[..head].Select(Kept),
            .. Middle(old[head..^tail], now[head..^tail]),
            .. old[^tail..].Select(Kept),
        ];
    }

    static string Kept(string line) => " " + line;

    static IEnumerable<string> Middle(string[] old, string[] now)
    {
        if ((old.Length + 1L) * (now.Length + 1L) > CellsMax)
            return [.. old.Select(line => "-" + line), .. now.Select(line => "+" + line)];
        var common = Common(old, now);
        var lines = new List<string>();
        for (int i = 0, j = 0; i < old.Length || j < now.Length; )
            if (i < old.Length && j < now.Length && old[i] == now[j])
            {
                lines.Add(Kept(old[i++]));
                j++;
            }
            else if (j == now.Length || i < old.Length && common[i + 1, j] >= common[i, j + 1])
                lines.Add("-" + old[i++]);
            else
                lines.Add("+" + now[j++]);
        return lines;
    }

    /// <summary>Changes alone, with a few lines around them; "…" stands for what is left out.</summary>
    public static IEnumerable<string> Changes(IReadOnlyList<string> lines)
    {
        var left = false;
        for (var i = 0; i < lines.Count; i++)
        {
            var near = Enumerable
                .Range(i - ContextLines, 2 * ContextLines + 1)
                .Any(at => at >= 0 && at < lines.Count && lines[at][0] != ' ');
            if (near)
                yield return lines[i];
            else if (!left)
                yield return "…";
            left = !near;
        }
    }

    /// <summary>How many lines the rests from i and j have in common.</summary>
    static int[,] Common(string[] old, string[] now)
    {
        var common = new int[old.Length + 1, now.Length + 1];
        for (var i = old.Length - 1; i >= 0; i--)
        for (var j = now.Length - 1; j >= 0; j--)
            common[i, j] =
                old[i] == now[j]
                    ? common[i + 1, j + 1] + 1
                    : Math.Max(common[i + 1, j], common[i, j + 1]);
        return common;
    }
}
