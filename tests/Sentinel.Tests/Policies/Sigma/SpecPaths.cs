using System.Globalization;
using System.Text;

namespace Sentinel.Tests.Policies.Sigma;

/// <summary>
/// Events that a rule is about: one for each way in which its condition can hold, and one for each
/// predicate that then fails. Whether they hit is for the rule to say; here is only the choice.
/// </summary>
static class SpecPaths
{
    /// <summary>What an event should make of one question.</summary>
    public sealed record Want(SpecNode.Leaf Leaf, bool Holds);

    /// <summary>The first is one that should hit.</summary>
    public static IEnumerable<SpecEvent> Events(SpecNode asked)
    {
        var paths = Of(asked, true).ToList();
        foreach (var path in paths)
            yield return Build(path);
        // Breaking the same predicate once is enough.
        var broken = new HashSet<Want>();
        foreach (var path in paths)
            for (var i = 0; i < path.Count; i++)
                if (broken.Add(path[i]))
                    yield return Build(
                        path[i].Holds
                            ? [.. path.Where(w => w != path[i])]
                            : [.. path.Where(w => w != path[i]), path[i] with { Holds = true }]
                    );
    }

    /// <summary>Each value of a list once, not each combination of lists.</summary>
    static List<List<Want>> Of(SpecNode node, bool holds) =>
        node switch
        {
            SpecNode.Not not => Of(not.Of, !holds),
            SpecNode.Leaf leaf =>
            [
                [new Want(leaf, holds)],
            ],
            SpecNode.All all => holds ? Together(all.Of, true) : OneOf(all.Of, false),
            SpecNode.Any any => holds ? OneOf(any.Of, true) : Together(any.Of, false),
            _ => throw new InvalidOperationException(),
        };

    static List<List<Want>> OneOf(IReadOnlyList<SpecNode> of, bool holds) =>
        [.. of.SelectMany(o => Of(o, holds))];

    static List<List<Want>> Together(IReadOnlyList<SpecNode> of, bool holds)
    {
        var each = of.Select(o => Of(o, holds)).ToList();
        var first = each.Select(e => e[0]).ToList();
        List<List<Want>> paths =
        [
            [.. first.SelectMany(p => p)],
        ];
        for (var i = 0; i < each.Count; i++)
            foreach (var other in each[i].Skip(1))
                paths.Add([
                    .. first.Take(i).Append(other).Concat(first.Skip(i + 1)).SelectMany(p => p),
                ]);
        return paths;
    }

    static SpecEvent Build(IReadOnlyList<Want> wants)
    {
        var fields = new Dictionary<string, string?>();
        foreach (var group in wants.GroupBy(w => w.Leaf.Field))
            if (Value([.. group]) is { } value)
                fields[group.Key] = value;
        foreach (var want in wants.Where(w => w.Leaf.Modifiers.Contains("fieldref")))
        {
            var other = fields.GetValueOrDefault(want.Leaf.Value!) ?? @"C:\same";
            fields[want.Leaf.Value!] = other;
            fields[want.Leaf.Field] = want.Holds
                ? other
                : fields.GetValueOrDefault(want.Leaf.Field);
        }
        return new SpecEvent(fields);
    }

    /// <summary>A value that has all that is wanted of it, as far as that is easy.</summary>
    static string? Value(IReadOnlyList<Want> wants)
    {
        string? whole = null;
        var (before, middle, behind) = ("", new List<string>(), "");
        var present = false;
        foreach (var (leaf, holds) in wants)
        {
            if (leaf.Value is null || leaf.Modifiers.Contains("exists"))
                present |= holds != (leaf.Value is null) && leaf.Value != "false";
            else if (!holds || leaf.Modifiers.Contains("fieldref"))
                continue;
            else if (leaf.Modifiers.Contains("re"))
                middle.Add(SpecRegex.Example(leaf.Value));
            else if (leaf.Modifiers.Contains("contains") || leaf.Field.Length == 0)
                middle.Add(Example(leaf));
            else if (leaf.Modifiers.Contains("startswith"))
                before = Example(leaf);
            else if (leaf.Modifiers.Contains("endswith"))
                behind = Example(leaf);
            else
                whole = Example(leaf);
        }
        if (whole is not null)
            return whole;
        var parts = before + string.Join(' ', middle) + behind;
        return parts.Length > 0 ? parts
            : present ? "something"
            : null;
    }

    static string Example(SpecNode.Leaf leaf)
    {
        var value = leaf.Value!;
        if (leaf.Modifiers.Contains("cidr"))
            return value.Split('/')[0];
        if (leaf.Modifiers.Any(m => m is "lt" or "lte" or "gt" or "gte"))
            return Beside(double.Parse(value, CultureInfo.InvariantCulture), leaf.Modifiers);
        if (leaf.Modifiers.Any(m => m.StartsWith("base64", StringComparison.Ordinal)))
            return SpecLeaf.Encoded(leaf.Modifiers, value).First();
        var text = new StringBuilder();
        for (var i = 0; i < value.Length; i++)
            if (value[i] == '\\' && i + 1 < value.Length && "\\*?".Contains(value[i + 1]))
                text.Append(value[++i]);
            else
                text.Append(value[i] is '*' or '?' ? "x" : value[i].ToString());
        return text.ToString();
    }

    static string Beside(double value, IReadOnlyList<string> modifiers) =>
        (
            modifiers.Contains("lt") ? value - 1
            : modifiers.Contains("gt") ? value + 1
            : value
        ).ToString(CultureInfo.InvariantCulture);
}
