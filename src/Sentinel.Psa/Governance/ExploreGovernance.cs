using Sentinel.Psa.Cases;

namespace Sentinel.Psa.Governance;

/// <param name="States">Different ones; people with the same role and tasks count as interchangeable.</param>
/// <param name="Edges">Steps that were allowed.</param>
/// <param name="Refused">Steps that were tried and refused.</param>
/// <param name="Violations">Each names the state and the step; empty where governance holds.</param>
sealed record Exploration(
    string World,
    long States,
    long Edges,
    long Refused,
    long Closings,
    long DeadEnds,
    IReadOnlyList<string> Violations
);

/// <summary>
/// Visits every case there can be in a world, breadth first, and looks at every step: does anybody
/// decide who must not, does one person close alone, is there a case that two people cannot finish?
/// </summary>
sealed class ExploreGovernance(ReferenceWorld world, string? without = null)
{
    const int ViolationsMax = 5;

    readonly ReferenceRules rules = new(world, without);
    readonly HashSet<ulong> seen = [];
    readonly Queue<ulong> ahead = new();
    readonly List<string> violations = [];
    long edges;
    long refused;
    long closings;
    long deadEnds;

    /// <param name="statesMax">Gives up beyond that: a proof that is cut short proves nothing.</param>
    public Exploration Run(long statesMax, CancellationToken cancellation)
    {
        Meet(new ReferenceCase());
        while (ahead.TryDequeue(out var packed) && violations.Count < ViolationsMax)
        {
            cancellation.ThrowIfCancellationRequested();
            if (seen.Count > statesMax)
                throw new InvalidOperationException(
                    $"The world '{world.Name}' has more than {statesMax} states: make it smaller."
                );
            Visit(ReferenceCase.Unpack(packed));
        }
        return new Exploration(
            world.Name,
            seen.Count,
            edges,
            refused,
            closings,
            deadEnds,
            violations
        );
    }

    void Visit(ReferenceCase now)
    {
        foreach (var step in world.Steps(now))
        {
            if (rules.Next(now, step) is not { } next)
            {
                refused++;
                continue;
            }
            edges++;
            if (Judge(now, step, next) is { } wrong)
                violations.Add($"{wrong}: {step}, {now}");
            if (next != now)
                Meet(next);
        }
        if (!TwoCanFinish(now))
        {
            deadEnds++;
            if (violations.Count < ViolationsMax)
                violations.Add($"no two people can finish it, {now}");
        }
    }

    void Meet(ReferenceCase met)
    {
        var packed = Canonical(met);
        if (seen.Add(packed))
            ahead.Enqueue(packed);
    }

    /// <summary>What must never happen, said without the rules that should prevent it.</summary>
    string? Judge(ReferenceCase now, ReferenceStep step, ReferenceCase next)
    {
        var decides =
            step.Act
            is ReferenceAct.AttestIt
                or ReferenceAct.CloseIt
                or ReferenceAct.ApproveIt
                or ReferenceAct.RefuseIt;
        if (!step.By.IsPerson && (decides || step.Act == ReferenceAct.CancelTask))
            return "a machine decides";
        if (now.Status == CaseState.Closed && next.Status == CaseState.Closed)
            return (next with { Delegation = now.Delegation }) == now
                ? null
                : "a closed case changes";
        if (!decides)
            return null;
        var workers = now.Everybody(world.Tasks);
        if ((workers & step.By.Bits) != 0)
            return "somebody judges their own work";
        if (step.By.IsDeputy && (now.Delegation == 0 || now.Delegator != step.By.InWhoseName))
            return "somebody decides in a name that nobody lent them";
        if (step.Act != ReferenceAct.CloseIt)
            return null;
        closings++;
        // Somebody did the work (resolving is work), and whoever attests and closes did none of it.
        var people = workers & ReferenceCase.PeopleBits;
        return people == 0 ? "one person closes alone"
            : !IsAttestedByAnother(now, workers) ? "nobody who did none of the work attested"
            : null;
    }

    bool IsAttestedByAnother(ReferenceCase now, int workers)
    {
        for (var person = 0; person < world.People; person++)
        for (var other = 0; other < world.People; other++)
            if (
                (now.Attested & ReferenceCase.Pair(person, other)) != 0
                && (workers & (1 << person | 1 << other)) == 0
            )
                return true;
        return false;
    }

    /// <summary>One who works and one who judges bring it to its end, whoever else is away.</summary>
    bool TwoCanFinish(ReferenceCase now)
    {
        if (now.Status == CaseState.Closed)
            return true;
        for (var works = 0; works < world.People; works++)
        for (var judges = 0; judges < world.People; judges++)
            if (works != judges && Finish(now, new Hand(works, works), new Hand(judges, judges)))
                return true;
        return false;
    }

    bool Finish(ReferenceCase now, Hand works, Hand judges)
    {
        Try(ReferenceAct.EndDelegation);
        for (var task = 0; task < world.Tasks; task++)
            Try(ReferenceAct.CancelTask, task);
        Try(ReferenceAct.RefuseIt);
        Try(ReferenceAct.WithdrawIt);
        foreach (
            var (hand, act) in (ReadOnlySpan<(Hand, ReferenceAct)>)
                [
                    (works, ReferenceAct.TakeIt),
                    (works, ReferenceAct.DisposeIt),
                    (works, ReferenceAct.ResolveIt),
                    (judges, ReferenceAct.AttestIt),
                    (judges, ReferenceAct.CloseIt),
                ]
        )
            now = rules.Next(now, new ReferenceStep(act, hand)) ?? now;
        return now.Status == CaseState.Closed;

        void Try(ReferenceAct act, int task = 0) =>
            now =
                rules.Next(now, new ReferenceStep(act, works, task))
                ?? rules.Next(now, new ReferenceStep(act, judges, task))
                ?? now;
    }

    // People with the same role may change places, and so may tasks: one of each family is visited.
    ulong Canonical(ReferenceCase met)
    {
        var least = ulong.MaxValue;
        foreach (var places in symmetries)
            least = Math.Min(least, Sorted(Renamed(met, places)).Pack());
        return least;
    }

    readonly int[][] symmetries =
    [
        .. Orders([.. Enumerable.Range(0, world.People)])
            .Where(order =>
                order.Select((to, from) => world.Roles[to] == world.Roles[from]).All(same => same)
            )
            .Select(order =>
                (int[])
                    [
                        .. order,
                        .. Enumerable.Range(order.Length, Hand.Detection.Person + 1 - order.Length),
                    ]
            ),
    ];

    static IEnumerable<int[]> Orders(int[] all) =>
        all.Length == 0
            ?
            [
                [],
            ]
            : all.SelectMany(first =>
                Orders([.. all.Where(one => one != first)]).Select(rest => (int[])[first, .. rest])
            );

    ReferenceCase Renamed(ReferenceCase met, int[] places)
    {
        var attested = 0;
        for (var person = 0; met.Attested != 0 && person < world.People; person++)
        for (var other = 0; other < world.People; other++)
            if ((met.Attested & ReferenceCase.Pair(person, other)) != 0)
                attested |= ReferenceCase.Pair(places[person], places[other]);
        var renamed = met with
        {
            Workers = Bits(met.Workers, places),
            Elsewhere = Bits(met.Elsewhere, places),
            Attested = attested,
            Asker = met.Asker == 0 ? 0 : places[met.Asker - 1] + 1,
            Delegation =
                met.Delegation == 0
                    ? 0
                    : 1 + places[met.Delegator] * ReferenceCase.People + places[met.Delegate],
        };
        for (var task = 0; task < world.Tasks; task++)
            if (met.Assignee(task) is >= 0 and var assignee)
                renamed = renamed.With(task, met.TaskState(task), places[assignee]);
        return renamed;
    }

    static int Bits(int bits, int[] places)
    {
        var renamed = 0;
        for (var bit = 0; bit < places.Length; bit++)
            if ((bits & 1 << bit) != 0)
                renamed |= 1 << places[bit];
        return renamed;
    }

    ReferenceCase Sorted(ReferenceCase met)
    {
        for (var end = world.Tasks - 1; end > 0; end--)
        for (var task = 0; task < end; task++)
        {
            var (one, other) = (met.TaskCode(task), met.TaskCode(task + 1));
            if (one > other)
                met = met.WithCode(task, other).WithCode(task + 1, one);
        }
        return met;
    }
}
