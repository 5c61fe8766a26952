using Sentinel.Policies.Syntax;

namespace Sentinel.Policies.Formatting;

/// <summary>Neighbouring clauses that read as a table: selections, and the entries of a list.</summary>
static class ClauseColumns
{
    /// <summary>The cells of a clause that stands on one line, or null where it is no row of a table.</summary>
    public static IReadOnlyList<string>? Of(string declaration, IReadOnlyList<Token> clause)
    {
        if (declaration == "list")
            return Split(clause, (_, index) => index == 1);
        return declaration == "rule" && clause[0].IsWord("let")
            ? Split(clause, (token, index) => index == 2 || index > 3 && token.IsWord("where"))
            : null;
    }

    /// <summary>All columns but the last of each row padded, unless that makes a line too long.</summary>
    public static IReadOnlyList<string> Align(IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var widths = new List<int>();
        foreach (var row in rows)
            for (var i = 0; i < row.Count - 1; i++)
                if (i == widths.Count)
                    widths.Add(row[i].Length);
                else
                    widths[i] = Math.Max(widths[i], row[i].Length);
        IReadOnlyList<string> aligned = [.. rows.Select(row => Join(row, widths))];
        var most = LineWrapper.ColumnsMax - LineWrapper.ColumnsPerLevel;
        return aligned.All(line => line.Length <= most)
            ? aligned
            : [.. rows.Select(row => string.Join(' ', row))];
    }

    static string Join(IReadOnlyList<string> row, List<int> widths) =>
        string.Join(
            ' ',
            row.Select((cell, i) => i < row.Count - 1 ? cell.PadRight(widths[i]) : cell)
        );

    static IReadOnlyList<string> Split(
        IReadOnlyList<Token> clause,
        Func<Token, int, bool> beginsCell
    )
    {
        var cells = new List<string>();
        for (int start = 0, end; start < clause.Count; start = end)
        {
            end = start + 1;
            while (end < clause.Count && !beginsCell(clause[end], end))
                end++;
            cells.Add(TokenText.Of([.. clause.Skip(start).Take(end - start)]));
        }
        return cells;
    }
}
