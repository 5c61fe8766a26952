using Sentinel.Postgres.Access;
using Sentinel.Postgres.Machines;
using Sentinel.Psa.Approvals;
using Sentinel.Psa.Cases;
using Sentinel.Psa.Outbound;
using Sentinel.Psa.Tasks;
using Sentinel.Siem.Findings;

namespace Sentinel.Tests.Psa;

/// <summary>
/// Each machine is one table: what is printed, fired and looked up comes from it.
/// SENTINEL_APPROVE=1 writes what the tables say now.
/// </summary>
public sealed class MachineDiagramTests
{
    [Fact]
    public void The_diagram_of_a_case_is_its_machine() => Check("A case", CaseMachine.Table);

    [Fact]
    public void The_diagram_of_a_task_is_its_machine() => Check("A task", CaseTaskMachine.Table);

    [Fact]
    public void The_diagram_of_an_approval_is_its_machine() =>
        Check("An approval", ApprovalMachine.Table);

    [Fact]
    public void The_diagram_of_a_request_to_a_connector_is_its_machine() =>
        Check("A request to a connector", OutboundMachine.Table);

    [Fact]
    public void The_diagram_of_a_finding_is_its_machine() =>
        Check("A finding", FindingMachine.Table);

    static void Check<TState, TTrigger>(string title, ArrowTable<TState, TTrigger> machine)
        where TState : struct, Enum
        where TTrigger : struct, Enum
    {
        var text =
            $"# {title}\n\nPrinted from the machine by a test. Beside each trigger: who may pull it, with which "
            + $"permission, and the rule that is asked beyond that.\n\n```mermaid\n{machine.Diagram()}\n```\n";
        House.Approval.Check($"../../../../docs/machines/{machine.Name}.md", text);
        Agree(machine);
    }

    /// <summary>Stateless and the plain lookup say the same of every state, trigger and actor.</summary>
    static void Agree<TState, TTrigger>(ArrowTable<TState, TTrigger> machine)
        where TState : struct, Enum
        where TTrigger : struct, Enum
    {
        foreach (var state in Enum.GetValues<TState>())
        foreach (var trigger in Enum.GetValues<TTrigger>())
        foreach (var kind in Enum.GetValues<ActorKind>())
        {
            var arrow = machine.Find(state, trigger);
            var expected = arrow is not null && arrow.Lets(kind) ? arrow.To : (TState?)null;
            Assert.Equal(expected, machine.Next(state, trigger, kind));
        }
    }
}
