using System.Text;

namespace Sentinel.Policies.Sigma;

/// <summary>Conditions as text, broken into lines where one would be too long.</summary>
sealed class PolicyLayout(StringBuilder text)
{
    const int LineCharsMax = 100;
    const string Step = "  ";

    /// <summary>What a term stands in; what binds looser than it needs parentheses.</summary>
    enum Enclosure
    {
        Alone,
        InOr,
        InAnd,
        InNot,
    }

    /// <summary>Behind <paramref name="start"/> if it fits on its line, else indented below it.</summary>
    public void Write(string start, PolicyTerm term)
    {
        var line = $"{start} {OneLine(term, Enclosure.Alone)}";
        if (line.Length <= LineCharsMax)
        {
            text.Append(line).Append('\n');
            return;
        }
        text.Append(start).Append('\n');
        var indent = start[..^start.TrimStart(' ').Length];
        WriteLines(indent + Step, "", term, Enclosure.Alone);
    }

    public void WriteSelection(string name, EventChoice choice)
    {
        var start = $"  let {name} = event {choice.Type}";
        if (choice.Where.Holds(true))
            text.Append(start).Append('\n');
        else
            Write(start + " where", choice.Where);
    }

    /// <param name="joint">What joins the term to what stands before it: <c>and</c>, <c>or</c>, <c>not</c>.</param>
    void WriteLines(string indent, string joint, PolicyTerm term, Enclosure around)
    {
        var line = indent + joint + OneLine(term, around);
        if (line.Length <= LineCharsMax)
        {
            text.Append(line).Append('\n');
            return;
        }
        switch (term)
        {
            // Over several lines, a conjunction in a disjunction is easier to read in parentheses.
            case PolicyTerm.All or PolicyTerm.Any when around != Enclosure.Alone:
                text.Append(indent).Append(joint).Append("(\n");
                WriteLines(indent + Step, "", term, Enclosure.Alone);
                text.Append(indent).Append(")\n");
                break;
            case PolicyTerm.All all:
                WriteMany(indent, "and ", all.Of, Enclosure.InAnd);
                break;
            case PolicyTerm.Any any:
                WriteMany(indent, "or ", any.Of, Enclosure.InOr);
                break;
            case PolicyTerm.Not not:
                WriteLines(indent, joint + "not ", not.Of, Enclosure.InNot);
                break;
            case PolicyTerm.Atom atom:
                WriteValues(indent, joint + atom.Head, atom.Values);
                break;
        }
    }

    void WriteMany(string indent, string joint, IReadOnlyList<PolicyTerm> of, Enclosure around)
    {
        for (var i = 0; i < of.Count; i++)
            WriteLines(indent, i == 0 ? "" : joint, of[i], around);
    }

    void WriteValues(string indent, string head, IReadOnlyList<string> values)
    {
        text.Append(indent).Append(head);
        if (values.Count < 2)
        {
            text.Append(' ').AppendJoin("", values).Append('\n');
            return;
        }
        text.Append(" (\n");
        foreach (var value in values.SkipLast(1))
            text.Append(indent).Append(Step).Append(value).Append(",\n");
        text.Append(indent).Append(Step).Append(values[^1]).Append('\n');
        text.Append(indent).Append(")\n");
    }

    static string OneLine(PolicyTerm term, Enclosure around) =>
        term switch
        {
            PolicyTerm.Atom { Values.Count: 0 } atom => atom.Head,
            PolicyTerm.Atom { Values: [var one] } atom => $"{atom.Head} {one}",
            PolicyTerm.Atom atom => $"{atom.Head} ({string.Join(", ", atom.Values)})",
            PolicyTerm.Not not => $"not {OneLine(not.Of, Enclosure.InNot)}",
            PolicyTerm.All all => Enclosed(
                string.Join(" and ", all.Of.Select(o => OneLine(o, Enclosure.InAnd))),
                around == Enclosure.InNot
            ),
            PolicyTerm.Any any => Enclosed(
                string.Join(" or ", any.Of.Select(o => OneLine(o, Enclosure.InOr))),
                around is Enclosure.InNot or Enclosure.InAnd
            ),
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    static string Enclosed(string text, bool enclose) => enclose ? $"({text})" : text;
}
