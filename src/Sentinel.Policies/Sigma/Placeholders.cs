using System.Text;
using System.Text.RegularExpressions;

namespace Sentinel.Policies.Sigma;

/// <summary>
/// What placeholders stand for: the values below <c>vars</c> in a document of their own, as Sigma's
/// pipelines have them. One that alone is a whole value becomes a list that people can go on with.
/// </summary>
sealed partial class Placeholders(IReadOnlyDictionary<string, IReadOnlyList<string>> values)
{
    readonly SortedSet<string> lists = new(StringComparer.Ordinal);
    readonly SortedSet<string> missing = new(StringComparer.Ordinal);

    /// <summary>Placeholders of the rules that no document gives values for.</summary>
    public IReadOnlyCollection<string> Missing => missing;

    public SigmaRule Fill(SigmaRule rule) =>
        rule with
        {
            Detections = [.. rule.Detections.Select(d => d with { Match = Fill(d.Match) })],
        };

    /// <summary>The lists that rules refer to; null where there are none.</summary>
    public string? WriteLists()
    {
        var text = new StringBuilder();
        foreach (var name in lists)
        {
            text.Append(text.Length > 0 ? "\n" : "").Append($"list {ListOf(name)} : word\n");
            foreach (var value in values[name])
                text.Append($"  {PolicyWords.Quote(value)}\n");
        }
        return text.Length > 0 ? text.ToString() : null;
    }

    SigmaMatch Fill(SigmaMatch match) =>
        match switch
        {
            SigmaMatch.All all => new SigmaMatch.All([.. all.Of.Select(Fill)]),
            SigmaMatch.Any any => new SigmaMatch.Any([.. any.Of.Select(Fill)]),
            SigmaMatch.Test { Of.Expand: true } test => Fill(test.Of),
            _ => match,
        };

    /// <summary>What has no value is nothing that an event could have.</summary>
    SigmaMatch Fill(SigmaTest test)
    {
        var filled = test with { Values = [.. test.Values.SelectMany(v => Fill(test, v))] };
        return filled.Values.Count == 0 ? new SigmaMatch.Any([]) : new SigmaMatch.Test(filled);
    }

    IEnumerable<SigmaValue> Fill(SigmaTest test, SigmaValue value)
    {
        if (value is not SigmaValue.TextValue text)
            return [value];
        var found = Placeholder().Match(text.Value);
        if (!found.Success)
            return
            [
                new SigmaValue.TextValue(text.Value.Replace(@"\%", "%", StringComparison.Ordinal)),
            ];
        var name = found.Groups[1].Value;
        if (!values.TryGetValue(name, out var meant))
        {
            missing.Add(name);
            return [];
        }
        var plain =
            test is { Operation: SigmaOperation.Equal, All: false, Field: not null }
            && test.Transformations.Count == 0
            && meant.All(m => !WildText.Of(m).HasWild);
        if (plain && found.Length == text.Value.Length)
        {
            lists.Add(name);
            return [new SigmaValue.ListValue(ListOf(name))];
        }
        var (before, behind) = (
            text.Value[..found.Index],
            text.Value[(found.Index + found.Length)..]
        );
        return meant.SelectMany(m => Fill(test, new SigmaValue.TextValue(before + m + behind)));
    }

    static string ListOf(string name) => PolicyWords.Name(name, []);

    [GeneratedRegex(@"(?<!\\)%([A-Za-z0-9_.-]+)%")]
    private static partial Regex Placeholder();
}
