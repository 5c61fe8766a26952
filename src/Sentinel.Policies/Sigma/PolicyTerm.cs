namespace Sentinel.Policies.Sigma;

/// <summary>A condition of the policy language that is about to be written.</summary>
abstract record PolicyTerm
{
    public static PolicyTerm Always { get; } = new All([]);
    public static PolicyTerm Never { get; } = new Any([]);

    /// <param name="Head">All before the values: field, operator, transformations.</param>
    /// <param name="Values">As they are written; several stand in parentheses.</param>
    public sealed record Atom(string Head, IReadOnlyList<string> Values) : PolicyTerm;

    public sealed record All(IReadOnlyList<PolicyTerm> Of) : PolicyTerm;

    public sealed record Any(IReadOnlyList<PolicyTerm> Of) : PolicyTerm;

    public sealed record Not(PolicyTerm Of) : PolicyTerm;

    /// <summary>Without what always or never holds, and without a join of one.</summary>
    public static PolicyTerm AllOf(IEnumerable<PolicyTerm> of)
    {
        List<PolicyTerm> parts =
        [
            .. of.SelectMany(t => t is All all ? all.Of : [t]).Where(t => !t.Holds(true)),
        ];
        return parts.Exists(t => t.Holds(false)) ? Never
            : parts.Count == 1 ? parts[0]
            : new All(parts);
    }

    public static PolicyTerm AnyOf(IEnumerable<PolicyTerm> of)
    {
        List<PolicyTerm> parts =
        [
            .. of.SelectMany(t => t is Any any ? any.Of : [t]).Where(t => !t.Holds(false)),
        ];
        return parts.Exists(t => t.Holds(true)) ? Always
            : parts.Count == 1 ? parts[0]
            : new Any(parts);
    }

    public static PolicyTerm Negation(PolicyTerm of) =>
        of.Holds(true) ? Never
        : of.Holds(false) ? Always
        : of is Not not ? not.Of
        : new Not(of);

    /// <summary>Whether it has this answer for every event.</summary>
    public bool Holds(bool always) =>
        always ? this is All { Of.Count: 0 } : this is Any { Of.Count: 0 };
}
