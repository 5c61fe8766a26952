using Sentinel.Psa.Approvals;
using Sentinel.Psa.Cases;
using Sentinel.Psa.Tasks;
using Sentinel.Tests.House;
using Stateless;
using Stateless.Graph;

namespace Sentinel.Tests.Psa;

/// <summary>
/// The diagrams are printed from the machines. SENTINEL_APPROVE=1 writes what the machines say now.
/// </summary>
public sealed class MachineDiagramTests
{
    [Fact]
    public void The_diagram_of_a_case_is_its_machine() =>
        Check("case", "A case", CaseMachine.From(CaseState.Open));

    [Fact]
    public void The_diagram_of_a_task_is_its_machine() =>
        Check("task", "A task", CaseTaskMachine.From(CaseTaskState.Pending));

    [Fact]
    public void The_diagram_of_an_approval_is_its_machine() =>
        Check("approval", "An approval", ApprovalMachine.From(ApprovalState.Asked));

    static void Check<TState, TTrigger>(
        string name,
        string title,
        StateMachine<TState, TTrigger> machine
    )
    {
        var diagram = MermaidGraph.Format(machine.GetInfo()).ReplaceLineEndings("\n").Trim();
        var text =
            $"# {title}\n\nPrinted from the machine by a test.\n\n```mermaid\n{diagram}\n```\n";
        var path = Path.Combine(Repository.Root, "docs", "machines", name + ".md");
        if (Environment.GetEnvironmentVariable("SENTINEL_APPROVE") == "1")
            File.WriteAllText(path, text);
        Assert.Equal(File.Exists(path) ? File.ReadAllText(path) : "", text);
    }
}
