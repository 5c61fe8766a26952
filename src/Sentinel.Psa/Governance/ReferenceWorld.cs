using Sentinel.Psa.Organisations;

namespace Sentinel.Psa.Governance;

/// <summary>Who there is, with the roles that are really seeded, and how much there is to do.</summary>
/// <param name="Name">For the report.</param>
/// <param name="Roles">The role of each person, A first; up to four people.</param>
/// <param name="Tasks">Up to three.</param>
/// <param name="WithAnother">There is another case, which is worked on, merged and taken apart again.</param>
/// <param name="WithDeputies">People delegate their duties to each other, and end it.</param>
/// <param name="WithLeftovers">Deputies' tokens whose delegation is over are tried too.</param>
/// <param name="WithMightyMachines">Somebody has given the machines every permission there is.</param>
sealed record ReferenceWorld(
    string Name,
    IReadOnlyList<string> Roles,
    int Tasks,
    bool WithAnother,
    bool WithDeputies,
    bool WithLeftovers,
    bool WithMightyMachines = false
)
{
    /// <summary>The role whose attestation the case asks for.</summary>
    public const string AttestingRole = RoleSeeds.IncidentManager;

    readonly HashSet<string>[] permissions =
    [
        .. Roles.Select(role => RoleSeeds.Roles[role].ToHashSet()),
    ];
    readonly HashSet<string> workflow = [.. RoleSeeds.Machines["workflow"]];
    readonly HashSet<string> detection = [.. RoleSeeds.Machines["siem"]];

    public int People => Roles.Count;

    /// <summary>By role alone; a deputy's further permissions depend on the delegation.</summary>
    public bool Holds(int who, string permission) =>
        WithMightyMachines && who >= ReferenceCase.People
        || (
            who < People ? permissions[who]
            : who == ReferenceCase.People ? workflow
            : detection
        ).Contains(permission);

    public bool HasRole(int person) => Roles[person] == AttestingRole;

    /// <summary>Everything that can be tried, allowed or not.</summary>
    public IEnumerable<ReferenceStep> Steps(ReferenceCase now)
    {
        foreach (var (by, steps) in tried)
            if (by is { IsDeputy: false } || WithLeftovers || IsNamed(now, by))
                foreach (var step in steps)
                    if (IsOpen(now, step))
                        yield return step;
    }

    static bool IsNamed(ReferenceCase now, Hand by) =>
        now.Delegation != 0 && now.Delegate == by.Person && now.Delegator == by.InWhoseName;

    // Two attestations are as many as any rule asks about; more would only multiply the states.
    static bool IsOpen(ReferenceCase now, ReferenceStep step) =>
        step.Act != ReferenceAct.AttestIt || int.PopCount(now.Attested) < 2;

    readonly IReadOnlyList<(Hand By, ReferenceStep[] Steps)> tried =
    [
        .. Hands(Roles.Count)
            .Select(by =>
                (by, (ReferenceStep[])[.. Of(by, Roles.Count, Tasks, WithAnother, WithDeputies)])
            ),
    ];

    static IEnumerable<Hand> Hands(int people)
    {
        for (var person = 0; person < people; person++)
        for (var other = 0; other < people; other++)
            yield return new Hand(person, other);
        yield return Hand.Workflow;
        yield return Hand.Detection;
    }

    static IEnumerable<ReferenceStep> Of(
        Hand by,
        int people,
        int tasks,
        bool withAnother,
        bool withDeputies
    )
    {
        foreach (var act in Enum.GetValues<ReferenceAct>())
            switch (act)
            {
                case ReferenceAct.StartTask:
                case ReferenceAct.RecordAction:
                case ReferenceAct.CompleteTask:
                case ReferenceAct.CancelTask:
                    for (var task = 0; task < tasks; task++)
                        yield return new ReferenceStep(act, by, task);
                    break;
                case ReferenceAct.AssignTask:
                    for (var task = 0; task < tasks; task++)
                    for (var whom = 0; whom < people; whom++)
                        yield return new ReferenceStep(act, by, task, whom);
                    break;
                case ReferenceAct.DelegateDuties:
                    for (var whom = 0; withDeputies && whom < people; whom++)
                        yield return new ReferenceStep(act, by, Whom: whom);
                    break;
                case ReferenceAct.WorkElsewhere:
                case ReferenceAct.MergeWithOther:
                case ReferenceAct.UnmergeFromOther:
                    if (withAnother)
                        yield return new ReferenceStep(act, by);
                    break;
                default:
                    yield return new ReferenceStep(act, by);
                    break;
            }
    }
}
