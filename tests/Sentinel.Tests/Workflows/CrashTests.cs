using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Sentinel.Workflows.Definitions;
using Sentinel.Workflows.Execution;

namespace Sentinel.Tests.Workflows;

/// <summary>Whatever is lost between two checkpoints is done again, with the same result.</summary>
public class CrashTests
{
    const string Definition = """
        {"definitionId":"d","variables":[{"id":"n","name":"N","typeName":"Int32","value":"0"}],
         "root":{"id":"flow","type":"Elsa.Flowchart","activities":[
           {"id":"count","type":"Elsa.SetVariable","variable":{"id":"n"},
            "value":{"expression":{"type":"JavaScript","value":"getN() + 1"}}},
           {"id":"fork","type":"Elsa.FlowFork","branches":["x","y"]},
           {"id":"act","type":"Test.Act"},
           {"id":"wait","type":"Elsa.Event","eventName":"go"},
           {"id":"after","type":"Test.Act"},
           {"id":"ask","type":"Test.Ask"},
           {"id":"join","type":"Elsa.FlowJoin","mode":"WaitAll"},
           {"id":"again","type":"Elsa.FlowDecision",
            "condition":{"expression":{"type":"JavaScript","value":"getN() < 3"}}},
           {"id":"out","type":"Elsa.SetOutput","outputName":"N",
            "outputValue":{"expression":{"type":"Variable","value":"n"}}}],
          "connections":[{"source":"count","target":"fork"},{"source":"fork","sourcePort":"x","target":"act"},
           {"source":"fork","sourcePort":"y","target":"ask"},{"source":"act","target":"wait"},
           {"source":"wait","target":"after"},{"source":"after","target":"join"},
           {"source":"ask","target":"join"},{"source":"join","target":"again"},
           {"source":"again","sourcePort":"True","target":"count"},
           {"source":"again","sourcePort":"False","target":"out"}]}}
        """;

    static readonly ActivityCatalogue Activities = new([
        Some.Acting("Test.Act"),
        Some.Asking("Test.Ask"),
    ]);
    static readonly WorkflowDefinition Loaded = Activities.Load(Definition).Definition!;

    [Property(MaxTest = 50)]
    public Property Crashes_change_neither_the_journal_nor_the_end(bool[] crashes, bool[] askFirst)
    {
        var calm = new MemoryHost([], askFirst).Run();
        var stormy = new MemoryHost(crashes, askFirst).Run();
        return (calm == stormy && calm.EndsWith("Finished 3", StringComparison.Ordinal)).Label(
            $"{calm}\n{stormy}"
        );
    }

    /// <summary>Keeps what a database would keep, and loses the rest whenever it crashes.</summary>
    sealed class MemoryHost(bool[] crashes, bool[] askFirst)
    {
        readonly List<string> journal = [];
        readonly HashSet<int> effects = [];
        string kept = WorkflowExecutor
            .Start(Loaded, Guid.Empty, new Dictionary<string, JsonElement>(), null, null)
            .ToJson();
        int transactions;

        public string Run()
        {
            for (var round = 0; Advance(new Stimulus.Continue()) || Resume(round); round++)
                continue;
            var state = InstanceState.FromJson(kept);
            return $"{string.Join("\n", journal)}\n{state.Status} {state.Outputs["N"]}";
        }

        /// <summary>Transactions until nothing is queued. False: there was nothing to do.</summary>
        bool Advance(Stimulus first)
        {
            var stimulus = first;
            var any = false;
            while (true)
            {
                var state = InstanceState.FromJson(kept);
                var step = WorkflowExecutor.Advance(Loaded, Activities, state, stimulus, default);
                List<JournalRow> rows = [.. step.Rows];
                int? effect = null;
                if (step.Call is { } call)
                {
                    effect = call.Execution;
                    ActivityAnswer answer =
                        call.Type == "Test.Ask"
                            ? new ActivityAnswer.Waiting("k")
                            : new ActivityAnswer.Completed("Done");
                    step = WorkflowExecutor.Advance(
                        Loaded,
                        Activities,
                        step.State,
                        new Stimulus.Answered(call.Execution, answer),
                        default
                    );
                    rows.AddRange(step.Rows);
                }
                if (transactions < crashes.Length && crashes[transactions++])
                    continue;
                kept = step.State.ToJson();
                journal.AddRange(
                    rows.Select(row => $"{row.Number} {row.ActivityId}#{row.Round} {row.Event}")
                );
                if (effect is { } done)
                    Assert.True(effects.Add(done), "An effect was committed twice.");
                any |= rows.Count > 0;
                stimulus = new Stimulus.Continue();
                if (step.Call is null)
                    return any;
            }
        }

        bool Resume(int round)
        {
            var waiting = InstanceState.FromJson(kept).Bookmarks;
            if (waiting.Count == 0)
                return false;
            var wanted =
                round < askFirst.Length && askFirst[round]
                    ? waiting.MinBy(bookmark => bookmark.Name)!
                    : waiting.MaxBy(bookmark => bookmark.Name)!;
            return Advance(
                new Stimulus.Resumed(
                    wanted.Execution,
                    "Done",
                    new Dictionary<string, JsonElement>()
                )
            );
        }
    }
}
