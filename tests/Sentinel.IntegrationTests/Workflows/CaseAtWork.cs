using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Sentinel.Contract;
using Sentinel.IntegrationTests.Psa;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Approvals;
using Sentinel.Psa.Automation;
using Sentinel.Psa.Intake;
using Sentinel.Psa.Outbound;
using Sentinel.Psa.Tasks;
using Sentinel.Workflows;
using Sentinel.Workflows.Publication;

namespace Sentinel.IntegrationTests.Workflows;

/// <summary>An open case, its workflow, and the people who answer it.</summary>
sealed class CaseAtWork : IAsyncDisposable
{
    static readonly EscalatedFinding Finding = new(
        Guid.CreateVersion7(),
        "brute_force",
        7,
        80,
        "root was let in",
        DateTimeOffset.UnixEpoch,
        new Dictionary<string, string> { ["user"] = "root", ["source_ip"] = "192.0.2.9" },
        []
    );

    CaseAtWork(Office office)
    {
        Office = office;
        Runner = new WorkflowRunner(
            office.Database.Sentinel,
            CaseActivities.Catalogue(TimeProvider.System, office.Objects),
            organisation => office.Machines.For(organisation, "workflow"),
            TimeProvider.System,
            NullLogger<WorkflowRunner>.Instance
        );
    }

    public Office Office { get; }

    public WorkflowRunner Runner { get; }

    public Guid CaseId { get; private set; }

    public Guid Instance { get; private set; }

    /// <summary>Ships the definition, opens a case, and starts the workflow for it.</summary>
    public static async Task<CaseAtWork> StartAsync(JsonNode definition, bool resolved = false)
    {
        var work = new CaseAtWork(await Office.OpenAsync());
        await work.ShipAsync(definition);
        work.CaseId = resolved
            ? await work.Office.ResolvedCaseAsync()
            : await work.Office.CaseAsync();
        await work.BeginAsync(definition["definitionId"]!.GetValue<string>());
        return work;
    }

    public async Task ShipAsync(JsonNode definition)
    {
        var activities = CaseActivities.Catalogue(TimeProvider.System);
        var shipped = await new BootstrapWorkflows(activities, TimeProvider.System).RunAsync(
            Office.Database.SuperuserConnectionString,
            new Dictionary<string, string> { ["test.json"] = definition.ToJsonString() },
            default
        );
        Assert.Empty(shipped.Problems);
    }

    /// <summary>What connectors are asked for leaves now.</summary>
    public async Task SendAsync(TimeProvider? clock = null)
    {
        using var client = new ConnectorClient();
        await new SendOutbound(
            Office.Database.Sentinel,
            Office.Machines,
            client,
            clock ?? TimeProvider.System,
            NullLogger<SendOutbound>.Instance
        ).RunAsync(default);
    }

    public async Task BeginAsync(string definitionId)
    {
        await using var work = await PresentedTransaction.BeginAsync(
            Office.Database.Sentinel.Psa,
            Office.Siem,
            default
        );
        var started = await new CaseWorkflows(Runner).StartAsync(
            work,
            definitionId,
            CaseId,
            Finding,
            CaseId,
            default
        );
        Instance = started!.Value;
        await OpeningStore.WorkflowAsync(
            work,
            CaseId,
            Instance,
            definitionId,
            TimeProvider.System.GetUtcNow(),
            default
        );
        await work.CommitAsync(default);
        await RunAsync();
    }

    public async Task RunAsync()
    {
        while (!(await Runner.RunDueAsync(10, default)).NothingToDo)
            continue;
    }

    /// <summary>The analyst does the task of that type that is open, and says what came of it.</summary>
    public async Task DoAsync(string taskType, string result)
    {
        var task = await OpenTaskAsync(taskType);
        Office.Done(await Office.StartTask.RunAsync(Office.Analyst.Token, task.Id, default));
        Office.Done(
            await Office.CompleteTask.RunAsync(Office.Analyst.Token, task.Id, result, default)
        );
        await RunAsync();
    }

    public async Task<CaseTask> OpenTaskAsync(string taskType) =>
        Assert.Single(
            (await Office.StoryAsync(CaseId)).Tasks,
            task =>
                task.TaskType == taskType
                && task.Status == CaseTaskState.Pending
                && !task.Description.StartsWith("Confirm", StringComparison.Ordinal)
        );

    public async Task DecideAsync(ApprovalTrigger decision)
    {
        var asked = await Office.Database.AskAsSuperuserAsync<Guid>(
            "SELECT id FROM psa.approvals WHERE status = 'asked'"
        );
        Office.Done(
            await Office.DecideApproval.RunAsync(
                Office.Manager.Token,
                asked,
                decision,
                "I looked at it",
                default
            )
        );
        await RunAsync();
    }

    public Task<string> StatusAsync() =>
        Office.Database.AskAsSuperuserAsync<string>(
            $"SELECT status FROM workflow.workflow_instances WHERE id = '{Instance}'"
        );

    /// <summary>The activities that completed, in their order.</summary>
    public Task<string> PathAsync() =>
        Office.Database.AskAsSuperuserAsync<string>(
            $"""
            SELECT coalesce(string_agg(activity_id, ' ' ORDER BY number), '') FROM workflow.workflow_journal
            WHERE instance_id = '{Instance}' AND event = 'completed'
            """
        );

    public ValueTask DisposeAsync() => Office.DisposeAsync();
}
