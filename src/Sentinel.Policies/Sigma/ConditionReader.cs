using System.Globalization;

namespace Sentinel.Policies.Sigma;

/// <summary>The condition language: or, and, not, N of, parentheses, loosest first.</summary>
sealed class ConditionReader
{
    const int NestingLevelsMax = 32;
    const int WordsMax = 2_000;

    readonly IReadOnlyList<string> names;
    readonly SigmaProblem problem;
    readonly string[] words;
    int next;

    ConditionReader(string text, IReadOnlyList<string> names, SigmaProblem problem)
    {
        this.names = names;
        this.problem = problem;
        words = text.Replace("(", " ( ", StringComparison.Ordinal)
            .Replace(")", " ) ", StringComparison.Ordinal)
            .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
    }

    /// <param name="names">The search identifiers that the rule declares.</param>
    public static SigmaCondition? Read(
        string text,
        IReadOnlyList<string> names,
        SigmaProblem problem
    )
    {
        if (text.Contains('|'))
            return problem.Add<SigmaCondition>(
                "the condition has an aggregation behind '|', which Sigma replaced by correlations"
            );
        var reader = new ConditionReader(text, names, problem);
        if (reader.words.Length > WordsMax)
            return problem.Add<SigmaCondition>($"the condition has more than {WordsMax} words");
        var condition = reader.ReadAny(0);
        return condition is not null && reader.next < reader.words.Length
            ? reader.Unexpected("the end")
            : condition;
    }

    SigmaCondition? ReadAny(int level) =>
        ReadJoined("or", () => ReadAll(level)) is not { } of ? null
        : of.Count == 1 ? of[0]
        : new SigmaCondition.Any(of);

    SigmaCondition? ReadAll(int level) =>
        ReadJoined("and", () => ReadUnary(level)) is not { } of ? null
        : of.Count == 1 ? of[0]
        : new SigmaCondition.All(of);

    List<SigmaCondition>? ReadJoined(string word, Func<SigmaCondition?> read)
    {
        var of = new List<SigmaCondition>();
        do
        {
            if (read() is not { } one)
                return null;
            of.Add(one);
        } while (Take(word));
        return of;
    }

    SigmaCondition? ReadUnary(int level)
    {
        var negated = false;
        while (Take("not"))
            negated = !negated;
        var inner = ReadPrimary(level);
        return inner is null || !negated ? inner : new SigmaCondition.Not(inner);
    }

    SigmaCondition? ReadPrimary(int level)
    {
        if (level > NestingLevelsMax)
            return problem.Add<SigmaCondition>(
                $"the condition is nested more than {NestingLevelsMax} levels deep"
            );
        if (Take("("))
        {
            var inner = ReadAny(level + 1);
            return inner is null || Take(")") ? inner : Unexpected("')'");
        }
        if (next + 1 < words.Length && Is(words[next + 1], "of"))
            return ReadOf();
        if (next == words.Length || words[next] is ")" || IsJoining(words[next]))
            return Unexpected("a search identifier");
        var name = words[next++];
        return names.Contains(name)
            ? new SigmaCondition.Named(name)
            : problem.Add<SigmaCondition>(
                $"the condition asks for '{name}', and the rule has no such search identifier"
            );
    }

    SigmaCondition? ReadOf()
    {
        var quantity = words[next];
        next += 2;
        int? atLeast = Is(quantity, "any") ? 1 : null;
        if (
            atLeast is null
            && !Is(quantity, "all")
            && (
                !int.TryParse(quantity, NumberStyles.None, CultureInfo.InvariantCulture, out var n)
                || (atLeast = n) < 1
            )
        )
            return problem.Add<SigmaCondition>($"'{quantity} of' is no quantity");
        if (next == words.Length)
            return Unexpected("what it is of");
        var pattern = words[next++];
        var meant = Meant(pattern);
        if (meant.Count == 0)
            return problem.Add<SigmaCondition>($"'{pattern}' means no search identifier");
        return atLeast > meant.Count
            ? problem.Add<SigmaCondition>($"'{quantity} of {pattern}' never holds")
            : new SigmaCondition.Quantity(atLeast, pattern, meant);
    }

    /// <summary>Names that begin with an underscore are meant only by who writes the underscore.</summary>
    List<string> Meant(string pattern)
    {
        var them = Is(pattern, "them");
        return
        [
            .. names.Where(name =>
                (them || Fits(name, pattern)) && (name[0] != '_' || pattern[0] == '_')
            ),
        ];
    }

    /// <summary>Whether the name fits a pattern in which <c>*</c> stands for any characters.</summary>
    static bool Fits(string name, string pattern)
    {
        var pieces = pattern.Split('*');
        if (pieces.Length == 1)
            return name == pattern;
        if (!name.StartsWith(pieces[0], StringComparison.Ordinal))
            return false;
        var at = pieces[0].Length;
        foreach (var piece in pieces[1..^1])
        {
            var found = name.IndexOf(piece, at, StringComparison.Ordinal);
            if (found < 0)
                return false;
            at = found + piece.Length;
        }
        return name.Length - at >= pieces[^1].Length
            && name.EndsWith(pieces[^1], StringComparison.Ordinal);
    }

    bool Take(string word)
    {
        if (next == words.Length || !Is(words[next], word))
            return false;
        next++;
        return true;
    }

    SigmaCondition? Unexpected(string expected) =>
        problem.Add<SigmaCondition>(
            next == words.Length
                ? $"the condition ends where {expected} is expected"
                : $"the condition has '{words[next]}' where {expected} is expected"
        );

    static bool IsJoining(string word) => Is(word, "and") || Is(word, "or") || Is(word, "of");

    static bool Is(string word, string expected) =>
        word.Equals(expected, StringComparison.OrdinalIgnoreCase);
}
