namespace Sentinel.Workflows.Definitions;

/// <summary>The activities that need nothing but the executor.</summary>
static class BuiltInActivities
{
    public const string Workflow = "Elsa.Workflow";
    public const string Flowchart = "Elsa.Flowchart";
    public const string Sequence = "Elsa.Sequence";
    public const string Start = "Elsa.Start";
    public const string End = "Elsa.End";
    public const string Finish = "Elsa.Finish";
    public const string FlowDecision = "Elsa.FlowDecision";
    public const string Switch = "Elsa.FlowSwitch";
    public const string Fork = "Elsa.FlowFork";
    public const string Join = "Elsa.FlowJoin";
    public const string SetVariable = "Elsa.SetVariable";
    public const string SetOutput = "Elsa.SetOutput";
    public const string Event = "Elsa.Event";
    public const string PublishEvent = "Elsa.PublishEvent";
    public const string RunTask = "Elsa.RunTask";
    public const string Delay = "Elsa.Delay";
    public const string Fault = "Elsa.Fault";
    public const string If = "Elsa.If";
    public const string While = "Elsa.While";
    public const string For = "Elsa.For";
    public const string ForEach = "Elsa.ForEach";
    public const string Break = "Elsa.Break";
    public const string Timer = "Elsa.Timer";
    public const string StartAt = "Elsa.StartAt";
    public const string Cron = "Elsa.Cron";
    public const string Correlate = "Elsa.Correlate";
    public const string ExecuteWorkflow = "Elsa.ExecuteWorkflow";

    public static readonly string[] JoinModes = ["WaitAny", "WaitAll", "WaitAllActive"];

    public static readonly string[] SwitchModes = ["MatchFirst", "MatchAny"];

    public static readonly string[] Loops = [While, For, ForEach];

    /// <summary>What For and ForEach tell to what stands in them.</summary>
    public static readonly string[] LoopVariables = ["CurrentValue", "CurrentIndex"];

    /// <summary>It starts another instance: an effect, of the executor itself.</summary>
    public static readonly ActivityDescription Executing = new(
        ExecuteWorkflow,
        "Flow",
        "Runs another published workflow, with the inputs of this one and those given here.",
        [
            new("workflowDefinitionId", WorkflowType.Text, true, "Which one, by its definitionId."),
            new("correlationId", WorkflowType.Text, Help: "Empty: that of this workflow."),
            new("input", WorkflowType.Any, Help: "An object; its members win over our own inputs."),
            new(
                "waitForCompletion",
                WorkflowType.Boolean,
                Help: "Whether to go on only when it has finished; its outputs are then the result."
            ),
        ],
        ["Result"],
        ["Done"],
        Waits: true
    );

    public static IReadOnlyList<ActivityDescription> All { get; } =
    [
        Describe(Flowchart, "Activities run along the connections between them."),
        Describe(Sequence, "Activities run one after the other."),
        Describe(Start, "Where a flowchart begins."),
        Describe(End, "Completes the flowchart it stands in, at once."),
        Describe(Finish, "Finishes the whole workflow, at once."),
        Describe(
            FlowDecision,
            "Goes on by True or False.",
            [new("condition", WorkflowType.Boolean)],
            outcomes: ["True", "False"]
        ),
        Describe(
            Switch,
            "Goes on by the cases whose condition holds, else by Default.",
            [
                new(
                    "mode",
                    WorkflowType.Text,
                    Help: "Whether the first case that holds is taken, or every one.",
                    Choices: SwitchModes
                ),
            ],
            outcomes: [],
            members: ["cases"]
        ),
        Describe(
            Fork,
            "Goes on by every branch at once.",
            [new("branches", WorkflowType.Texts)],
            outcomes: []
        ),
        Describe(
            Join,
            "Waits for the branches that lead here.",
            [
                new(
                    "mode",
                    WorkflowType.Text,
                    Help: "Whether any branch is enough, all have to come, or all that were taken.",
                    Choices: JoinModes
                ),
            ]
        ),
        Describe(
            SetVariable,
            "Sets a variable.",
            [new("value", WorkflowType.Any)],
            members: ["variable"]
        ),
        Describe(
            SetOutput,
            "Sets an output of the workflow.",
            [new("outputName", WorkflowType.Text, true), new("outputValue", WorkflowType.Any)]
        ),
        Describe(
            Event,
            "Waits for an event of that name; marked as a trigger, it starts the workflow.",
            [new("eventName", WorkflowType.Text, true)],
            ["Result"]
        ),
        Describe(
            PublishEvent,
            "Tells those who wait for an event of that name, and starts what begins with it.",
            [
                new("eventName", WorkflowType.Text, true),
                new("correlationId", WorkflowType.Text),
                new("isLocalEvent", WorkflowType.Boolean),
                new("payload", WorkflowType.Any),
            ]
        ),
        Describe(
            RunTask,
            "Waits until somebody reports the task as done.",
            [new("taskName", WorkflowType.Text, true), new("payload", WorkflowType.Any)],
            ["Result"]
        ),
        Describe(
            Delay,
            "Waits for that long, also over a restart.",
            [new("timeSpan", WorkflowType.Duration, true, "How long, as in 00:30:00.")]
        ),
        Describe(
            Fault,
            "Fails on purpose, with a message.",
            [
                new("code", WorkflowType.Text),
                new("category", WorkflowType.Text),
                new("faultType", WorkflowType.Text),
                new("message", WorkflowType.Text),
            ]
        ),
        Describe(
            If,
            "Does one thing or the other.",
            [new("condition", WorkflowType.Boolean, true)],
            ["Result"],
            embedded: ["then", "else"]
        ),
        Describe(
            While,
            "Repeats what stands in it while its condition holds.",
            [new("condition", WorkflowType.Boolean, true)],
            embedded: ["body"]
        ),
        Describe(
            For,
            "Repeats what stands in it for each number; getCurrentValue() tells which.",
            [
                new("start", WorkflowType.Integer, Help: "The first number; empty: 0."),
                new("end", WorkflowType.Integer, true, "The last number."),
                new("step", WorkflowType.Integer, Help: "From one to the next; empty: 1."),
                new("outerBoundInclusive", WorkflowType.Boolean, Help: "Whether the last counts."),
            ],
            ["CurrentValue"],
            embedded: ["body"]
        ),
        Describe(
            ForEach,
            "Repeats what stands in it for each item; getCurrentValue() tells which.",
            [new("items", WorkflowType.Any, true, "A list.")],
            ["CurrentValue"],
            embedded: ["body"]
        ),
        Describe(Break, "Leaves the loop around it, at once."),
        Describe(
            Timer,
            "Waits for that long, also over a restart.",
            [new("interval", WorkflowType.Duration, true, "How long, as in 00:30:00.")]
        ),
        Describe(
            StartAt,
            "Waits until that moment; if it has passed, goes on.",
            [new("dateTime", WorkflowType.Moment, true, "As in 2026-01-31T08:00:00Z.")]
        ),
        Describe(
            Cron,
            "Waits until the expression is due next, in UTC.",
            [new("cronExpression", WorkflowType.Text, true, "As in 0 8 * * MON-FRI.")]
        ),
        Describe(
            Correlate,
            "Says what this workflow belongs to, for the events that it waits for from here on.",
            [new("correlationId", WorkflowType.Text, true)]
        ),
        Executing,
    ];

    static ActivityDescription Describe(
        string typeName,
        string help,
        IReadOnlyList<ActivityInput>? inputs = null,
        IReadOnlyList<string>? outputs = null,
        IReadOnlyList<string>? outcomes = null,
        IReadOnlyList<string>? members = null,
        IReadOnlyList<string>? embedded = null
    ) =>
        new(
            typeName,
            "Flow",
            help,
            inputs ?? [],
            outputs ?? [],
            outcomes ?? ["Done"],
            Members: members,
            Embedded: embedded
        );
}
