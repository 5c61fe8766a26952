using Sentinel.Postgres.Access;

namespace Sentinel.Postgres.Machines;

/// <summary>Whose hand may pull a trigger.</summary>
public enum Who
{
    Person,
    Anybody,
}

/// <summary>One way from a state to another, and everything that it asks for.</summary>
/// <param name="Permission">What the actor's role has to have: <c>case.close</c>.</param>
/// <param name="Guard">The rule that service and database ask beyond that; <c>none</c> where none is.</param>
public sealed record Arrow<TState, TTrigger>(
    TState From,
    TTrigger Verb,
    TState To,
    Who Who,
    string Permission,
    string Guard
)
    where TState : struct, Enum
    where TTrigger : struct, Enum
{
    public bool Lets(ActorKind kind) =>
        (Who, kind) switch
        {
            (Who.Anybody, _) or (Who.Person, ActorKind.Person) => true,
            (Who.Person, ActorKind.Machine) => false,
        };

    /// <summary>As the database holds it, and as the diagram says it beside the arrow.</summary>
    public string Row(string machine) =>
        $"{machine} {StateWord.Of(From)} {StateWord.Of(Verb)} {StateWord.Of(To)} {Terms}";

    internal string Terms => $"{StateWord.Of(Who)} {Permission} {Guard}";
}
