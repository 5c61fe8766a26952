using Sentinel.Psa.Automation;
using Sentinel.Workflows.Recordings;

namespace Sentinel.Tests.Workflows;

/// <summary>What a genuine Elsa server did, against what ours does.</summary>
public sealed class GoldenCaseTests(ITestOutputHelper output)
{
    /// <summary>Peculiarities and bugs that we do not copy; decision 0012 has the reason for each.</summary>
    static readonly string[] Decided =
    [
        "003-finish-ends-everything",
        "015-start-property-on-flowchart",
        "060-join-waitany-immediate-first",
        "073-loop-exit-shares-end",
        "082-get-output-from",
        "084-input-lost-without-driver",
        "085-variable-memory-driver-lost",
        "095-object-variable-mutation",
        "096-variable-empty-string-default",
        "103-input-expression-as-plain-string",
        "105-json-expression",
        "107-set-variable-null-with-default",
        "132-finish-while-branch-blocked",
        "134-finish-while-branch-scheduled",
        "136-two-ends-first-wins",
        "144-delay-cancelled-instance",
        "150-fault-linear-continue",
        "152-fault-with-blocked-branch-continue",
        "159-nested-flowchart-finish",
        "165-containment-playbook",
    ];

    [Fact]
    public void Every_plain_case_gives_the_recorded_trace_and_state()
    {
        var plain = Run().Where(run => run.Result.Divergence is null).ToList();
        output.WriteLine($"{plain.Count(run => run.Result.Same)} of {plain.Count} are the same");
        Assert.NotEmpty(plain);
        Assert.Empty(plain.Where(run => !run.Result.Same).Select(Describe));
    }

    [Fact]
    public void A_diverging_case_is_the_same_unless_we_decided_otherwise_or_refuse_it()
    {
        var different = Run()
            .Where(run => run.Result is { Divergence: not null, Same: false, Refused: null });
        Assert.Equal(Decided, different.Select(run => run.File));
    }

    [Fact]
    public void Every_invalid_definition_is_refused_with_what_to_do()
    {
        var refused = Run().Where(run => run.Result.Refused is not null).ToList();
        Assert.NotEmpty(refused);
        Assert.All(refused, run => Assert.Contains("WFL0", run.Result.Refused));
        Assert.Equal(Golden.Invalid(), refused.Select(run => run.File));
    }

    static List<(string File, WorkflowCaseResult Result)> Run()
    {
        var cases = new RunWorkflowCase(CaseActivities.Catalogue(TimeProvider.System));
        return
        [
            .. Golden
                .Files()
                .Select(file =>
                    (Path.GetFileNameWithoutExtension(file), cases.Run(File.ReadAllText(file)))
                ),
        ];
    }

    static string Describe((string File, WorkflowCaseResult Result) run) =>
        $"{run.File}: {run.Result.Refused ?? string.Join("; ", run.Result.Differences)}";
}
