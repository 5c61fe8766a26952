using System.Text;

namespace Sentinel.Policies.Sigma;

/// <summary>A Sigma rule as the text of a policy that a person can maintain.</summary>
sealed class RuleWriter(SigmaRule rule, string name, SigmaProblem problem)
{
    const string Found = "found";

    readonly TestWriter tests = new(problem);
    readonly Dictionary<string, PolicyTerm> terms = [];
    readonly Dictionary<string, string> parts = [];

    /// <summary>Null, with the problem, where the language or the sources have nothing like it.</summary>
    public string? Write()
    {
        if (LogSources.Find(rule.LogSource) is not { } choice)
            return problem.Add<string>($"no source makes events of {rule.LogSource}");
        var used = Used(rule.Condition).ToHashSet(StringComparer.Ordinal);
        foreach (var detection in rule.Detections.Where(d => used.Contains(d.Name)))
            terms.Add(detection.Name, tests.Write(detection.Match));
        NameParts();
        var condition = Condition(rule.Condition);
        if (problem.Reason is not null)
            return null;
        if (condition.Holds(false))
            return problem.Add<string>("it can never match");
        var text = new StringBuilder();
        HeadWriter.Write(text, rule.Head, name);
        text.Append('\n');
        var layout = new PolicyLayout(text);
        foreach (var (detection, part) in parts)
            layout.Write($"  let {part} = where", terms[detection]);
        WriteSelection(text, layout, choice.Type, PolicyTerm.AllOf([choice.Where, condition]));
        text.Append($"\n  each {Found}\n");
        HeadWriter.WriteVerdict(text, rule.Head, choice.Type);
        return text.ToString();
    }

    static void WriteSelection(
        StringBuilder text,
        PolicyLayout layout,
        string type,
        PolicyTerm where
    )
    {
        var start = $"  let {Found} = event {type}";
        if (where.Holds(true))
            text.Append(start).Append('\n');
        else
            layout.Write(start + " where", where);
    }

    /// <summary>A part of its own for each search identifier, unless the rule is nothing else.</summary>
    void NameParts()
    {
        if (rule.Condition is SigmaCondition.Named)
            return;
        var taken = new HashSet<string>(StringComparer.Ordinal) { Found };
        foreach (var (detection, term) in terms)
        {
            if (term.Holds(true) || term.Holds(false))
                continue;
            var part = PolicyWords.Name(detection, taken);
            taken.Add(part);
            parts.Add(detection, part);
        }
    }

    PolicyTerm Condition(SigmaCondition condition) =>
        condition switch
        {
            SigmaCondition.All all => PolicyTerm.AllOf(all.Of.Select(Condition)),
            SigmaCondition.Any any => PolicyTerm.AnyOf(any.Of.Select(Condition)),
            SigmaCondition.Not not => PolicyTerm.Negation(Condition(not.Of)),
            SigmaCondition.Named named => Part(named.Name),
            SigmaCondition.Quantity of => Quantity(of),
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    PolicyTerm Part(string detection) =>
        parts.TryGetValue(detection, out var part)
            ? new PolicyTerm.Atom(part, [])
            : terms[detection];

    PolicyTerm Quantity(SigmaCondition.Quantity of)
    {
        var meant = of.Names.Select(Part).ToList();
        if (of.AtLeast is null && meant.Exists(m => m.Holds(false)))
            return PolicyTerm.Never;
        var always = meant.Count(m => m.Holds(true));
        var open = meant.Where(m => !m.Holds(true) && !m.Holds(false)).ToList();
        var wanted = (of.AtLeast ?? meant.Count) - always;
        if (wanted <= 0)
            return PolicyTerm.Always;
        if (wanted > open.Count)
            return PolicyTerm.Never;
        if (open.Count == 1)
            return open[0];
        var quantity = wanted == open.Count && of.AtLeast is null ? "all" : $"{wanted}";
        var names = open.ConvertAll(m => ((PolicyTerm.Atom)m).Head);
        return MeansTheSame(of.Pattern, names)
            ? new PolicyTerm.Atom($"{quantity} of {of.Pattern}", [])
            : new PolicyTerm.Atom($"{quantity} of", names);
    }

    /// <summary>Whether the pattern stands for just these parts here too.</summary>
    bool MeansTheSame(string pattern, List<string> names)
    {
        if (pattern.IndexOf('*') != pattern.Length - 1 || pattern.Length < 2)
            return false;
        var prefix = pattern[..^1];
        return PolicyWords.IsName(prefix)
            && parts
                .Values.Where(p => p.StartsWith(prefix, StringComparison.Ordinal))
                .ToHashSet()
                .SetEquals(names);
    }

    static IEnumerable<string> Used(SigmaCondition condition) =>
        condition switch
        {
            SigmaCondition.All all => all.Of.SelectMany(Used),
            SigmaCondition.Any any => any.Of.SelectMany(Used),
            SigmaCondition.Not not => Used(not.Of),
            SigmaCondition.Named named => [named.Name],
            SigmaCondition.Quantity of => of.Names,
            _ => throw new System.Diagnostics.UnreachableException(),
        };
}
