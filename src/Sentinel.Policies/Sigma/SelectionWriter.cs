namespace Sentinel.Policies.Sigma;

/// <summary>A Sigma rule as a selection of events: named parts, and the events for which they hold.</summary>
/// <param name="prefix">Of the names of the parts, where a policy has those of several rules.</param>
/// <param name="taken">The names that the policy has already.</param>
sealed class SelectionWriter(
    SigmaRule rule,
    string prefix,
    HashSet<string> taken,
    SigmaProblem problem
)
{
    readonly TestWriter tests = new(
        problem,
        rule.LogSource.Category == "webserver" ? WebFields.Of : _ => null
    );
    readonly Dictionary<string, PolicyTerm> terms = [];
    readonly Dictionary<string, string> parts = [];

    /// <summary>Null, with the problem, where the language or the sources have nothing like it.</summary>
    public EventChoice? Choose()
    {
        if (LogSources.Find(rule.LogSource) is not { } choice)
            return problem.Add<EventChoice>($"no source makes events of {rule.LogSource}");
        var used = Used(rule.Condition).ToHashSet(StringComparer.Ordinal);
        foreach (var detection in rule.Detections.Where(d => used.Contains(d.Name)))
            terms.Add(detection.Name, tests.Write(detection.Match));
        NameParts();
        var condition = Condition(rule.Condition);
        if (problem.Reason is not null)
            return null;
        return condition.Holds(false)
            ? problem.Add<EventChoice>("it can never match")
            : choice with
            {
                Where = PolicyTerm.AllOf([choice.Where, condition]),
            };
    }

    public void WriteParts(PolicyLayout layout)
    {
        foreach (var (detection, part) in parts)
            layout.Write($"  let {part} = where", terms[detection]);
    }

    /// <summary>A part of its own for each search identifier, unless the rule is nothing else.</summary>
    void NameParts()
    {
        if (rule.Condition is SigmaCondition.Named)
            return;
        foreach (var (detection, term) in terms)
        {
            if (term.Holds(true) || term.Holds(false))
                continue;
            var part = PolicyWords.Name(prefix + detection, taken);
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
        return MeansTheSame(prefix + of.Pattern, names)
            ? new PolicyTerm.Atom($"{quantity} of {prefix}{of.Pattern}", [])
            : new PolicyTerm.Atom($"{quantity} of", names);
    }

    /// <summary>Whether the pattern stands for just these parts here too.</summary>
    bool MeansTheSame(string pattern, List<string> names)
    {
        if (pattern.IndexOf('*') != pattern.Length - 1 || pattern.Length < 2)
            return false;
        var beginning = pattern[..^1];
        return PolicyWords.IsName(beginning)
            && taken
                .Where(name => name.StartsWith(beginning, StringComparison.Ordinal))
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
