using System.Text;

namespace Sentinel.Policies.Sigma;

/// <summary>Conditions as text, each on one line: where it breaks is the formatter's business.</summary>
sealed class PolicyLayout(StringBuilder text)
{
    /// <summary>What a term stands in; what binds looser than it needs parentheses.</summary>
    enum Enclosure
    {
        Alone,
        InOr,
        InAnd,
        InNot,
    }

    public void Write(string start, PolicyTerm term) =>
        text.Append(start).Append(' ').Append(OneLine(term, Enclosure.Alone)).Append('\n');

    public void WriteSelection(string name, EventChoice choice)
    {
        var start = $"  let {name} = event {choice.Type}";
        if (choice.Where.Holds(true))
            text.Append(start).Append('\n');
        else
            Write(start + " where", choice.Where);
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
