namespace Sentinel.Psa.Governance;

/// <summary>Everything that can be tried with a case.</summary>
enum ReferenceAct
{
    TakeIt,
    DisposeIt,
    ResolveIt,
    AttestIt,
    CloseIt,
    AttachSomething,
    StartTask,
    RecordAction,
    CompleteTask,
    CancelTask,
    AssignTask,
    AskForApproval,
    ApproveIt,
    RefuseIt,
    WithdrawIt,
    DelegateDuties,
    EndDelegation,
    WorkElsewhere,
    MergeWithOther,
    UnmergeFromOther,
    FollowOn,
}

/// <summary>A credential: a person's own, a deputy's, or a machine's.</summary>
/// <param name="Person">The bit number of who presents it; of the machine where it is one.</param>
/// <param name="InWhoseName">The same for everybody but a deputy.</param>
readonly record struct Hand(int Person, int InWhoseName)
{
    public static readonly Hand Workflow = new(ReferenceCase.People, ReferenceCase.People);

    /// <summary>Detection's machine, which opens cases and follows them up; it works on no task.</summary>
    public static readonly Hand Detection = new(ReferenceCase.People + 1, ReferenceCase.People + 1);

    public bool IsPerson => Person < ReferenceCase.People;

    public bool IsDeputy => Person != InWhoseName;

    public int Bits => (1 << Person) | (1 << InWhoseName);

    public override string ToString() =>
        Person switch
        {
            ReferenceCase.People => "workflow",
            > ReferenceCase.People => "detection",
            _ when IsDeputy => $"{Name(Person)} for {Name(InWhoseName)}",
            _ => Name(Person),
        };

    public static string Name(int person) => ((char)('A' + person)).ToString();
}

/// <param name="Task">Which task, where the act is about one.</param>
/// <param name="Whom">The assignee or the deputy, where the act names one.</param>
readonly record struct ReferenceStep(ReferenceAct Act, Hand By, int Task = 0, int Whom = 0)
{
    public override string ToString() =>
        Act switch
        {
            ReferenceAct.StartTask
            or ReferenceAct.RecordAction
            or ReferenceAct.CompleteTask
            or ReferenceAct.CancelTask => $"{By}: {Act} {Task}",
            ReferenceAct.AssignTask => $"{By}: {Act} {Task} to {Hand.Name(Whom)}",
            ReferenceAct.DelegateDuties => $"{By}: {Act} to {Hand.Name(Whom)}",
            _ => $"{By}: {Act}",
        };
}
