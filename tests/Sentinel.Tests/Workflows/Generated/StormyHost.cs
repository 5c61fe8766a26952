using System.Globalization;
using System.Text.Json;
using Sentinel.Workflows.Definitions;
using Sentinel.Workflows.Execution;

namespace Sentinel.Tests.Workflows.Generated;

/// <summary>
/// Keeps what a database would keep and loses the rest whenever it crashes, before or after an effect; the
/// connector outside remembers keys, as it should, and does nothing twice.
/// </summary>
/// <param name="calm">It never crashes.</param>
/// <param name="move">After so many rounds it goes on in another version, where that can be.</param>
sealed class StormyHost(
    WorkflowDefinition definition,
    IReadOnlySet<string> failing,
    int seed,
    bool calm,
    (int Rounds, WorkflowDefinition To)? move = null
)
{
    /// <summary>Asks what nobody answers.</summary>
    public const string Never = "Test.Never";

    static readonly Guid Instance = new("00000000-0000-8000-8000-000000000001");

    public static ActivityCatalogue Activities { get; } =
        new([Some.Acting("Test.Act"), Some.Asking("Test.Ask", "A", "B"), Some.Asking(Never)]);

    readonly Random random = new(seed);
    readonly HashSet<Guid> keys = [];
    readonly Dictionary<string, int> times = [];
    readonly HashSet<string> triedAgain = [];
    string kept = WorkflowExecutor
        .Start(definition, Instance, new Dictionary<string, JsonElement>(), null, null)
        .ToJson();

    /// <summary>What happened outside, in order, as <c>act3#2</c>.</summary>
    public List<string> Outside { get; } = [];

    /// <summary>Null as long as nobody wanted it to move.</summary>
    public bool? HasMoved { get; private set; }

    /// <summary>What everything that ended was, at last.</summary>
    public string Run(int roundsMax = 10_000)
    {
        for (var round = 0; round < roundsMax; round++)
        {
            if (round == move?.Rounds)
                Move(move.Value.To);
            var state = InstanceState.FromJson(kept);
            Stimulus? stimulus =
                state.Status == InstanceStatus.Faulted && triedAgain.Count < failing.Count * 100
                    ? new Stimulus.Retried("again")
                : state.Status == InstanceStatus.Executing ? new Stimulus.Continue()
                : state.Status == InstanceStatus.Suspended && Answerable(state) is [_, ..] open
                    ? Answer(open)
                : null;
            if (stimulus is null)
                return state.Status.ToString();
            Advance(state, stimulus);
        }
        return "It never ended.";
    }

    /// <summary>One transaction.</summary>
    void Advance(InstanceState state, Stimulus stimulus)
    {
        var step = WorkflowExecutor.Advance(definition, Activities, state, stimulus, default);
        if (Crashes())
            return;
        if (step.Call is { } call)
        {
            var answer = Do(call);
            if (Crashes())
                return;
            step = WorkflowExecutor.Advance(
                definition,
                Activities,
                step.State,
                new Stimulus.Answered(call.Execution, answer),
                default
            );
        }
        kept = step.State.ToJson();
    }

    void Move(WorkflowDefinition to)
    {
        var state = InstanceState.FromJson(kept);
        if (state.HasEnded)
            return;
        HasMoved = VersionMove.Obstacles(definition, to, state).Count == 0;
        if (HasMoved is false)
            return;
        kept = VersionMove.Of(definition, to, state, "because").State.ToJson();
        definition = to;
    }

    bool Crashes() => !calm && random.Next(4) == 0;

    ActivityAnswer Do(PendingCall call)
    {
        if (call.Type == Never)
            return new ActivityAnswer.Waiting(Never);
        var key = ExecutionKey.Of(Instance, call.ActivityId, call.Round);
        var next = $"{call.ActivityId}#{times.GetValueOrDefault(call.ActivityId) + 1}";
        if (!keys.Contains(key) && failing.Contains(call.ActivityId) && triedAgain.Add(next))
            return new ActivityAnswer.Failed("Not yet.");
        if (keys.Add(key))
        {
            times[call.ActivityId] = times.GetValueOrDefault(call.ActivityId) + 1;
            Outside.Add(next);
        }
        return call.Type == "Test.Ask"
            ? new ActivityAnswer.Waiting(
                times[call.ActivityId].ToString(CultureInfo.InvariantCulture)
            )
            : new ActivityAnswer.Completed("Done");
    }

    static List<Bookmark> Answerable(InstanceState state) =>
        state.Bookmarks.FindAll(bookmark => bookmark.Name != Never);

    Stimulus.Resumed Answer(List<Bookmark> open)
    {
        var waiting = open[random.Next(open.Count)];
        var outcome =
            waiting.Name == "Test.Ask"
                ? Reference.Answer(
                    waiting.ActivityId,
                    int.Parse(waiting.Key, CultureInfo.InvariantCulture)
                )
                : "Done";
        return new Stimulus.Resumed(
            waiting.Execution,
            outcome,
            new Dictionary<string, JsonElement>()
        );
    }
}
