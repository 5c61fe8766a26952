using System.Text.Json;
using Sentinel.Workflows.Definitions;
using Sentinel.Workflows.Execution;
using Sentinel.Workflows.Simulation;

namespace Sentinel.Workflows.Publication;

/// <param name="Definition">Null where there is a problem.</param>
/// <param name="Tests">The runs of the definition's own tests; empty where it could not be read.</param>
public sealed record ExaminedWorkflow(
    WorkflowDefinition? Definition,
    IReadOnlyList<WorkflowProblem> Problems,
    IReadOnlyList<SimulatedRun> Tests
);

/// <summary>
/// Everything that has to hold before a definition is published: it can run, its drawing makes sense, and
/// the tests that it carries in <c>customProperties.tests</c> are green.
/// </summary>
public sealed class ExamineWorkflow(ActivityCatalogue activities)
{
    const int TestsMax = 100;

    public ExaminedWorkflow Run(string json)
    {
        var loaded = activities.Load(json);
        if (loaded.Definition is not { } definition)
            return new ExaminedWorkflow(null, loaded.Problems, []);
        var problems = LoadedWorkflow.Analyse(definition, activities.Descriptions).ToList();
        var runs = RunTests(definition, Values.Parse(json), problems);
        return new ExaminedWorkflow(problems.Count == 0 ? definition : null, problems, runs);
    }

    List<SimulatedRun> RunTests(
        WorkflowDefinition definition,
        JsonElement json,
        List<WorkflowProblem> problems
    )
    {
        var runs = new List<SimulatedRun>();
        if (
            !json.TryGetProperty("customProperties", out var custom)
            || custom.ValueKind != JsonValueKind.Object
            || !custom.TryGetProperty("tests", out var tests)
        )
            return runs;
        if (tests.ValueKind != JsonValueKind.Array || tests.GetArrayLength() > TestsMax)
        {
            problems.Add(
                new(
                    "WFL050",
                    "customProperties.tests",
                    $"It is a list of at most {TestsMax} tests."
                )
            );
            return runs;
        }
        var simulate = new SimulateWorkflow(activities);
        foreach (var (position, test) in tests.EnumerateArray().Index())
            try
            {
                var run = simulate.Run(definition, test);
                runs.Add(run);
                problems.AddRange(
                    run.Problems.Select(wrong => new WorkflowProblem(
                        "WFL051",
                        $"test '{run.Name}'",
                        wrong
                    ))
                );
            }
            catch (FormatException unreadable)
            {
                problems.Add(
                    new("WFL050", $"customProperties.tests[{position}]", unreadable.Message)
                );
            }
        return runs;
    }
}
