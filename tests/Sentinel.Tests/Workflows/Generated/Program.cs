namespace Sentinel.Tests.Workflows.Generated;

/// <summary>
/// What a process owner means, as a tree: it is drawn as a flowchart by <see cref="Drawing"/> and carried out
/// by <see cref="Reference"/>, and neither knows the other.
/// </summary>
abstract record Program
{
    public sealed record Nothing : Program;

    /// <summary>An effect outside.</summary>
    /// <param name="FailsFirst">It says no the first time, and somebody has it try again.</param>
    public sealed record Act(string Label, bool FailsFirst) : Program;

    /// <summary>Somebody is asked, and answers A or B.</summary>
    public sealed record Ask(string Label, Program OnA, Program OnB) : Program;

    public sealed record Pause(string Label) : Program;

    public sealed record Steps(IReadOnlyList<Program> All) : Program;

    /// <param name="Embedded">An If that holds its branches, else a decision with connections.</param>
    public sealed record Decide(string Label, Rule When, Program Yes, Program No, bool Embedded)
        : Program;

    /// <param name="All">Every case that holds, else the first.</param>
    public sealed record Choose(
        string Label,
        IReadOnlyList<Case> Cases,
        Program Otherwise,
        bool All
    ) : Program;

    /// <param name="Join">The mode of the join; null: whatever comes next joins.</param>
    public sealed record Fork(string Label, IReadOnlyList<Program> Branches, string? Join)
        : Program;

    /// <summary>Ways that race to a join of the mode WaitAny; all but one wait for what never comes.</summary>
    /// <param name="Place">Of the one that arrives, among the others.</param>
    public sealed record Race(string Label, Program Winner, IReadOnlyList<string> Losers, int Place)
        : Program;

    /// <summary>A connection leads back to the beginning.</summary>
    public sealed record Repeat(string Label, int Times, Program Body) : Program;

    /// <summary>An Elsa.For or, by a counter, an Elsa.While.</summary>
    public sealed record Loop(string Label, int Times, Program Body, bool Counts) : Program;

    /// <summary>Leaves the loop around it, where the rule holds.</summary>
    public sealed record Break(string Label, Rule When) : Program;

    /// <param name="InOrder">An Elsa.Sequence of its parts, else a flowchart of its own.</param>
    public sealed record Nested(string Label, Program Body, bool InOrder) : Program;

    /// <summary>Completes the flowchart that it stands in.</summary>
    public sealed record End(string Label) : Program;

    /// <summary>Ends everything.</summary>
    public sealed record Finish(string Label) : Program;

    public sealed record Case(string Label, Rule When, Program Then);

    /// <summary>Holds at the n-th time it is asked where n modulo <paramref name="Of"/> is below <paramref name="Below"/>.</summary>
    public sealed record Rule(int Below, int Of)
    {
        public bool Holds(int time) => time % Of < Below;
    }
}
