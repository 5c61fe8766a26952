using System.Collections.Frozen;
using Sentinel.Postgres.Access;
using Stateless;
using Stateless.Graph;

namespace Sentinel.Postgres.Machines;

/// <summary>
/// A machine as one table of arrows. From it come the Stateless machine, the lookup that knows no
/// library (<see cref="Find"/>), the rows by which the database refuses every other change, and the diagram.
/// </summary>
/// <param name="name">As the database calls it: <c>case</c>.</param>
/// <param name="start">The state in which everything begins.</param>
public sealed class ArrowTable<TState, TTrigger>(
    string name,
    TState start,
    params IReadOnlyList<Arrow<TState, TTrigger>> arrows
)
    where TState : struct, Enum
    where TTrigger : struct, Enum
{
    readonly FrozenDictionary<(TState, TTrigger), Arrow<TState, TTrigger>> table =
        arrows.ToFrozenDictionary(arrow => (arrow.From, arrow.Verb));

    public string Name => name;

    public TState Start => start;

    public IReadOnlyList<Arrow<TState, TTrigger>> Arrows => arrows;

    /// <summary>The arrow, or null where the table has none.</summary>
    public Arrow<TState, TTrigger>? Find(TState state, TTrigger trigger) =>
        table.GetValueOrDefault((state, trigger));

    /// <summary>The state after the trigger, or null where there is no arrow for such an actor.</summary>
    public TState? Next(TState state, TTrigger trigger, ActorKind by)
    {
        var machine = From(state, by);
        if (!machine.CanFire(trigger))
            return null;
        machine.Fire(trigger);
        return machine.State;
    }

    /// <summary>The rows of <c>machine_arrows</c>, a test compares them.</summary>
    public IEnumerable<string> Rows() => arrows.Select(arrow => arrow.Row(name));

    /// <summary>As a Mermaid state diagram; beside each trigger who, with which permission, which guard.</summary>
    public string Diagram() =>
        MermaidGraph
            .Format(From(start, ActorKind.Person).GetInfo())
            .ReplaceLineEndings("\n")
            .Trim();

    StateMachine<TState, TTrigger> From(TState state, ActorKind by)
    {
        var machine = new StateMachine<TState, TTrigger>(state);
        foreach (var arrow in arrows)
            machine
                .Configure(arrow.From)
                .PermitIf(arrow.Verb, arrow.To, () => arrow.Lets(by), arrow.Terms);
        return machine;
    }
}
