namespace Sentinel.Policies.Syntax;

/// <summary>Did you mean …? The nearest of the known names, if one is near.</summary>
static class Suggestions
{
    const int WordCharsMax = 64;

    public static string? DidYouMean(string word, IEnumerable<string> known) =>
        Nearest(word, known) is { } near ? $"Did you mean '{near}'?" : null;

    /// <summary>The name that one wrong, missing, added or swapped letter makes of another.</summary>
    public static string? ByOneSlip(string word, IEnumerable<string> known) =>
        word.Length > WordCharsMax
            ? null
            : known
                .Where(name => DiffersOnce(word, name))
                .Order(StringComparer.Ordinal)
                .FirstOrDefault();

    static bool DiffersOnce(string a, string b)
    {
        var start = a.AsSpan().CommonPrefixLength(b);
        var left = a.AsSpan(start);
        var right = b.AsSpan(start);
        var end = 0;
        while (end < left.Length && end < right.Length && left[^(end + 1)] == right[^(end + 1)])
            end++;
        left = left[..^end];
        right = right[..^end];
        return (left.Length, right.Length) switch
        {
            // param1 and param2 are two names.
            (1, 1) => !char.IsAsciiDigit(left[0]) || !char.IsAsciiDigit(right[0]),
            (1, 0) or (0, 1) => true,
            (2, 2) => left[0] == right[1] && left[1] == right[0],
            _ => false,
        };
    }

    public static string? Nearest(string word, IEnumerable<string> known)
    {
        if (word.Length is 0 or > WordCharsMax)
            return null;
        var farthest = Math.Max(1, word.Length / 3);
        return known
            .Where(name => Math.Abs(name.Length - word.Length) <= farthest)
            .Select(name => (name, distance: Distance(word, name)))
            .Where(near => near.distance <= farthest)
            .OrderBy(near => near.distance)
            .ThenBy(near => near.name, StringComparer.Ordinal)
            .Select(near => near.name)
            .FirstOrDefault();
    }

    /// <summary>Insertions, deletions, replacements, and neighbours swapped (optimal string alignment).</summary>
    static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            rows[i, 0] = i;
        for (var j = 0; j <= b.Length; j++)
            rows[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        for (var j = 1; j <= b.Length; j++)
        {
            var same = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]);
            var best = Math.Min(rows[i - 1, j] + 1, rows[i, j - 1] + 1);
            best = Math.Min(best, rows[i - 1, j - 1] + (same ? 0 : 1));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = Math.Min(best, rows[i - 2, j - 2] + 1);
            rows[i, j] = best;
        }
        return rows[a.Length, b.Length];
    }
}
