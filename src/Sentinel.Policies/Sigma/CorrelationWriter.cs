using System.Globalization;
using System.Text;

namespace Sentinel.Policies.Sigma;

/// <summary>A correlation, with the rules that it refers to, as the text of one policy.</summary>
/// <param name="find">A rule or a correlation by its id or name.</param>
sealed class CorrelationWriter(
    SigmaCorrelation correlation,
    Func<string, object?> find,
    SigmaProblem problem
)
{
    readonly HashSet<string> taken = new(StringComparer.Ordinal);
    readonly List<Member> members = [];

    /// <summary>One of the events that are correlated.</summary>
    /// <param name="Refers">How the correlation refers to the rule.</param>
    /// <param name="AtLeast">How many of them it takes.</param>
    /// <param name="Within">What time those have, where they are several.</param>
    sealed record Member(
        string Refers,
        SigmaRule Rule,
        string Name,
        SelectionWriter Selection,
        EventChoice Choice,
        int AtLeast,
        string? Within
    );

    /// <summary>Null, with the problem, where the language has nothing like it.</summary>
    public string? Write(string name)
    {
        foreach (var refers in correlation.Rules)
            Add(refers);
        if (problem.Reason is not null)
            return null;
        var counts = correlation.Kind is not ("temporal" or "temporal_ordered");
        if (counts && members.Count > 1)
            Unite();
        var pattern = counts ? Aggregate() : Together();
        if (pattern is null || problem.Reason is not null)
            return null;
        var text = new StringBuilder();
        var layout = new PolicyLayout(text);
        HeadWriter.Write(text, correlation.Head, name);
        text.Append('\n');
        foreach (var member in members)
            member.Selection.WriteParts(layout);
        foreach (var member in united is null ? members : [members[0] with { Choice = united }])
            layout.WriteSelection(member.Name, member.Choice);
        text.Append('\n').Append(pattern);
        var keys = correlation.GroupBy.Select(PolicyWords.Field).ToList();
        var behind = keys.Count == 0 ? "" : $": {string.Join(", ", keys.Select(k => $"{{{k}}}"))}";
        HeadWriter.WriteVerdict(text, correlation.Head, behind);
        var per = keys.Count == 0 ? "" : $"per {string.Join(", ", keys)} ";
        text.Append($"  once {per}in {correlation.Timespan}\n");
        return text.ToString();
    }

    EventChoice? united;

    void Add(string refers)
    {
        var (found, atLeast, within) = (find(refers), 1, (string?)null);
        if (found is SigmaCorrelation inner)
            (found, atLeast, within) = Repetition(inner);
        if (found is not SigmaRule rule)
        {
            problem.Add<Member>($"no rule here is called '{refers}'");
            return;
        }
        var name = PolicyWords.Name(rule.Head.Name ?? rule.Head.Title, taken);
        taken.Add(name);
        var selection = new SelectionWriter(rule, name + "_", taken, problem);
        if (selection.Choose() is { } choice)
            members.Add(new Member(refers, rule, name, selection, choice, atLeast, within));
    }

    /// <summary>A count of one rule's events within another correlation is a step that repeats.</summary>
    (object? Rule, int AtLeast, string? Within) Repetition(SigmaCorrelation inner)
    {
        var repeats =
            inner is { Kind: "event_count", Rules: [_], Limits: [{ Comparison: ">" or ">=" }] }
            && inner.GroupBy.SequenceEqual(correlation.GroupBy)
            && (
                correlation.Kind == "temporal_ordered"
                || correlation.Kind == "temporal" && inner.Timespan == correlation.Timespan
            );
        if (
            !repeats
            || !int.TryParse(inner.Limits[0].Number, CultureInfo.InvariantCulture, out var number)
        )
        {
            problem.Add<Member>(
                $"'{inner.Head.Title}' is a correlation within another one, and only a count "
                    + "with the same group-by and timespan can be"
            );
            return default;
        }
        return (
            find(inner.Rules[0]) as SigmaRule,
            inner.Limits[0].Comparison == ">" ? number + 1 : number,
            inner.Timespan
        );
    }

    /// <summary>The events of several rules as one selection.</summary>
    void Unite()
    {
        var types = members.Select(m => m.Choice.Type).Distinct().ToList();
        united = new EventChoice(
            types.Count == 1 ? types[0] : "any",
            PolicyTerm.AnyOf(
                members.Select(m =>
                    types.Count == 1
                        ? m.Choice.Where
                        : PolicyTerm.AllOf([OfType(m.Choice.Type), m.Choice.Where])
                )
            )
        );
    }

    static PolicyTerm OfType(string type)
    {
        var dot = type.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0)
            return PolicyTerm.Always;
        var category = new PolicyTerm.Atom("category ==", [type[..dot]]);
        return type[(dot + 1)..] is var rest && rest == "*"
            ? category
            : PolicyTerm.AllOf([category, new PolicyTerm.Atom("type ==", [rest])]);
    }

    string? Aggregate()
    {
        var of = members[0].Name;
        if (correlation.Limits.Count == 0)
            return problem.Add<string>("the condition compares with nothing");
        var functions = Functions(of);
        if (functions is null)
            return null;
        var having = functions.SelectMany(f =>
            correlation.Limits.Select(l => $"{f} {l.Comparison} {l.Number}")
        );
        return $"  aggregate {of}{By()} within {correlation.Timespan}\n"
            + $"    having {string.Join(" and ", having)}\n";
    }

    List<string>? Functions(string of)
    {
        if (correlation.Kind == "event_count")
            return [$"count({of})"];
        if (correlation.Fields.Count == 0)
            return problem.Add<List<string>>("the condition names no field");
        var function = correlation.Kind switch
        {
            "value_count" => "distinct",
            "value_sum" => "sum",
            "value_avg" => "avg",
            _ when correlation.Percentile is { } p => $"p{p}",
            _ => null,
        };
        return function is null
            ? problem.Add<List<string>>("the condition does not say which percentile it means")
            : [.. correlation.Fields.Select(f => $"{function}({of}.{Plain(f)})")];
    }

    string? Together()
    {
        if (correlation.Limits is not ([] or [{ Comparison: ">=" or "==" }]))
            return problem.Add<string>("a temporal correlation takes all of its rules");
        if (
            correlation.Limits is [var limit]
            && limit.Number != members.Count.ToString(CultureInfo.InvariantCulture)
        )
            return problem.Add<string>($"it takes {limit.Number} of its {members.Count} rules");
        return correlation.Kind == "temporal" ? InAnyOrder() : InOrder();
    }

    string InAnyOrder()
    {
        var steps = members.ConvertAll(m =>
            m.AtLeast == 1 ? m.Name : $"{m.Name} at least {m.AtLeast} times"
        );
        return $"  all of {string.Join(", ", steps)}{By()} within {correlation.Timespan}\n";
    }

    /// <summary>A count holds at its last event: the time before that is no part of the timespan.</summary>
    string InOrder()
    {
        var before = members[0].Within is { } within ? Length(within) : TimeSpan.Zero;
        var whole = (long)(before + Length(correlation.Timespan)).TotalSeconds;
        var text = new StringBuilder($"  sequence{By()} within {whole}s\n");
        foreach (var member in members)
        {
            text.Append(member == members[0] ? "    " : "    then ").Append(member.Name);
            if (member != members[0] && before > TimeSpan.Zero)
                text.Append($" within {correlation.Timespan}");
            if (member.AtLeast > 1)
                text.Append($" at least {member.AtLeast} times within {member.Within}");
            text.Append('\n');
        }
        return text.ToString();
    }

    static TimeSpan Length(string timespan)
    {
        var number = int.Parse(timespan[..^1], CultureInfo.InvariantCulture);
        return timespan[^1] switch
        {
            's' => TimeSpan.FromSeconds(number),
            'm' => TimeSpan.FromMinutes(number),
            'h' => TimeSpan.FromHours(number),
            _ => TimeSpan.FromDays(number),
        };
    }

    string By()
    {
        if (correlation.GroupBy.Count == 0)
            return "";
        return " by " + string.Join(", ", correlation.GroupBy.Select(Key));
    }

    /// <summary>A field of all rules, or one field of each under a common name.</summary>
    string Key(string group)
    {
        if (!correlation.Aliases.TryGetValue(group, out var fields))
            return PolicyWords.Field(group);
        var own = members.ConvertAll(m =>
            (
                m.Name,
                Field: fields.GetValueOrDefault(m.Refers)
                    ?? fields.GetValueOrDefault(m.Rule.Head.Name ?? "")
                    ?? group
            )
        );
        if (united is null)
            return string.Join(" = ", own.Select(o => $"{o.Name}.{Plain(o.Field)}"))
                + $" as {PolicyWords.Name(group, [])}";
        if (own.Select(o => o.Field).Distinct().Count() > 1)
            problem.Add<string>("rules that are counted together have one field for each alias");
        return $"{own[0].Name}.{Plain(own[0].Field)} as {PolicyWords.Name(group, [])}";
    }

    /// <summary>Behind a selection's name, where quotes cannot stand.</summary>
    string Plain(string field) =>
        PolicyWords.Field(field) == field
            ? field
            : problem.Add<string>($"the field '{field}' cannot be asked of one rule") ?? field;
}
