namespace Sentinel.Policies.Sigma;

/// <summary>One field with its modifiers and values, as a condition of ours.</summary>
/// <param name="otherName">The same asked of a field of another name, one of which is enough; or null.</param>
sealed class TestWriter(SigmaProblem problem, Func<SigmaTest, SigmaTest?> otherName)
{
    public PolicyTerm Write(SigmaMatch match) =>
        match switch
        {
            SigmaMatch.All all => PolicyTerm.AllOf(all.Of.Select(Write)),
            SigmaMatch.Any any => PolicyTerm.AnyOf(any.Of.Select(Write)),
            SigmaMatch.Test test => Write(test.Of),
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    PolicyTerm Write(SigmaTest test)
    {
        var term = test.Field is null
            ? Keywords(test)
            : OfField(test, PolicyWords.Field(test.Field));
        if (otherName(test) is { } other)
        {
            var asked = OfField(other, PolicyWords.Field(other.Field!));
            term = WebFields.IsAbsence(test)
                ? PolicyTerm.AllOf([term, asked])
                : PolicyTerm.AnyOf([term, asked]);
        }
        return test.Differs ? PolicyTerm.Negation(term) : term;
    }

    PolicyTerm OfField(SigmaTest test, string field)
    {
        if (test.TimePart is { } part)
            field = $"{part}({field})";
        return test.Operation switch
        {
            SigmaOperation.Equal => Texts(test, field, false, false),
            SigmaOperation.Contains => Texts(test, field, true, true),
            SigmaOperation.StartsWith => Texts(test, field, false, true),
            SigmaOperation.EndsWith => Texts(test, field, true, false),
            SigmaOperation.Regex => Regex(test, field),
            SigmaOperation.Cidr => Values(test, $"{field} cidr", QuotedTexts(test)),
            SigmaOperation.Exists => Exists(
                field,
                test.Values is [SigmaValue.TruthValue { Value: true }]
            ),
            SigmaOperation.Less => Compared(test, field, "<"),
            SigmaOperation.LessOrEqual => Compared(test, field, "<="),
            SigmaOperation.Greater => Compared(test, field, ">"),
            SigmaOperation.GreaterOrEqual => Compared(test, field, ">="),
            SigmaOperation.FieldReference => References(test, field),
        };
    }

    /// <summary>Any value of the event; what is not anchored may stand anywhere in it.</summary>
    PolicyTerm Keywords(SigmaTest test) =>
        test.Operation switch
        {
            SigmaOperation.Equal or SigmaOperation.Contains => Texts(test, "record", true, true),
            SigmaOperation.Regex => Regex(test, "record"),
            _ => Refuse($"a keyword cannot be asked for with {test.Operation}"),
        };

    PolicyTerm Texts(SigmaTest test, string field, bool anyBefore, bool anyBehind)
    {
        var groups = new List<(string Operator, List<string> Values)>();
        var others = new List<PolicyTerm>();
        foreach (var value in test.Values)
        {
            if (value is SigmaValue.NoValue)
            {
                others.Add(Exists(field, false));
                continue;
            }
            if (value is SigmaValue.ListValue list)
            {
                others.Add(Atom(test.Cased ? $"{field} cased in" : $"{field} in", list.Name));
                continue;
            }
            var (asked, text) = Asked(test, value, anyBefore, anyBehind);
            var group = groups.Find(g => g.Operator == asked).Values;
            if (group is null)
                groups.Add((asked, group = []));
            group.Add(text);
        }
        return Join(
            test,
            [.. groups.Select(g => Group(test, field, g.Operator, g.Values)), .. others]
        );
    }

    (string Operator, string Text) Asked(
        SigmaTest test,
        SigmaValue value,
        bool anyBefore,
        bool anyBehind
    )
    {
        switch (value)
        {
            case SigmaValue.TextValue text:
                var wild = WildText.Of(text.Value);
                var (asked, of) = wild.Asked(anyBefore, anyBehind);
                return (asked, Quoted(of));
            case SigmaValue.NumberValue number:
                var exact = !anyBefore && !anyBehind && test.Transformations.Count == 0;
                return (
                    WildText.Of("").Asked(anyBefore, anyBehind).Operator,
                    exact ? number.Value : Quoted(number.Value)
                );
            case SigmaValue.TruthValue truth:
                return (
                    WildText.Of("").Asked(anyBefore, anyBehind).Operator,
                    truth.Value ? "true" : "false"
                );
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    static PolicyTerm Group(SigmaTest test, string field, string asked, List<string> values)
    {
        var start = test.Cased ? $"{field} cased" : field;
        var transformed = string.Concat(test.Transformations.Select(t => " " + t));
        if (asked == "==" && values.Count > 1 && transformed.Length == 0)
            return test.All
                ? PolicyTerm.AllOf(values.Select(v => Atom($"{start} ==", v)))
                : new PolicyTerm.Atom($"{start} in", values);
        if (asked == "==")
            return Join(test, [.. values.Select(v => Atom($"{start} =={transformed}", v))]);
        var all = test.All && values.Count > 1 ? " all" : "";
        return new PolicyTerm.Atom($"{start} {asked}{all}{transformed}", values);
    }

    PolicyTerm Regex(SigmaTest test, string field)
    {
        var flags = test.Flags.Length == 0 ? "" : " " + test.Flags;
        return Values(test, $"{field} matches{flags}", QuotedTexts(test));
    }

    PolicyTerm Compared(SigmaTest test, string field, string comparison) =>
        test.Values.Any(v => v is not SigmaValue.NumberValue)
            ? Refuse($"'{test.Field}' is compared with what is no number")
            : Values(
                test,
                $"{field} {comparison}",
                [.. test.Values.OfType<SigmaValue.NumberValue>().Select(n => n.Value)]
            );

    PolicyTerm References(SigmaTest test, string field)
    {
        var asked = test.Comparing switch
        {
            SigmaOperation.Contains => "contains",
            SigmaOperation.StartsWith => "startswith",
            SigmaOperation.EndsWith => "endswith",
            SigmaOperation.Less => "<",
            SigmaOperation.LessOrEqual => "<=",
            SigmaOperation.Greater => ">",
            SigmaOperation.GreaterOrEqual => ">=",
            _ => "==",
        };
        var start = test.Cased ? $"{field} cased {asked}" : $"{field} {asked}";
        return Join(
            test,
            [
                .. test
                    .Values.OfType<SigmaValue.TextValue>()
                    .Select(v => Atom(start, $"field({PolicyWords.Field(v.Value)})")),
            ]
        );
    }

    /// <summary>Each value on its own, since not every operator takes several.</summary>
    static PolicyTerm Values(SigmaTest test, string head, List<string> values) =>
        values.Count > 1 && !test.All && (head.EndsWith("cidr") || head.Contains(" matches"))
            ? new PolicyTerm.Atom(head, values)
            : Join(test, [.. values.Select(v => Atom(head, v))]);

    static PolicyTerm Exists(string field, bool exists) =>
        new PolicyTerm.Atom(exists ? $"{field} exists" : $"{field} not exists", []);

    static PolicyTerm Atom(string head, string value) => new PolicyTerm.Atom(head, [value]);

    static PolicyTerm Join(SigmaTest test, List<PolicyTerm> of) =>
        test.All ? PolicyTerm.AllOf(of) : PolicyTerm.AnyOf(of);

    List<string> QuotedTexts(SigmaTest test) =>
        [
            .. test.Values.Select(v =>
                v switch
                {
                    SigmaValue.TextValue text => Quoted(text.Value),
                    SigmaValue.NumberValue number => Quoted(number.Value),
                    _ => Quoted(""),
                }
            ),
        ];

    string Quoted(string text)
    {
        if (!PolicyWords.CanHold(text))
            Refuse("a value has a character that no policy text can hold");
        return PolicyWords.Quote(text);
    }

    PolicyTerm Refuse(string reason)
    {
        problem.Add<PolicyTerm>(reason);
        return PolicyTerm.Never;
    }
}
