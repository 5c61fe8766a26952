using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sentinel.IntegrationTests.Support;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Organisations;
using Sentinel.Workflows;
using Sentinel.Workflows.Execution;
using Sentinel.Workflows.Publication;

namespace Sentinel.IntegrationTests.Workflows;

/// <summary>An organisation, a clock that only the test moves, and a runner.</summary>
sealed class Workshop : IAsyncDisposable
{
    readonly MachineSecrets secrets;

    Workshop(TestDatabase database, ActivityCatalogue activities, FakeTimeProvider clock)
    {
        Database = database;
        Activities = activities;
        Clock = clock;
        secrets = new MachineSecrets(database.Data);
        Runner = NewRunner();
    }

    public TestDatabase Database { get; }

    public ActivityCatalogue Activities { get; }

    public FakeTimeProvider Clock { get; }

    public WorkflowRunner Runner { get; }

    public Guid Organisation { get; private set; }

    public Secret Administrator { get; private set; }

    public static async Task<Workshop> OpenAsync(ActivityCatalogue activities)
    {
        var database = await TestDatabase.CreateAsync();
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var workshop = new Workshop(database, activities, clock);
        var founded = await new CreateOrganisation(database.Data, clock).RunAsync(
            database.SuperuserConnectionString,
            new NewOrganisation("Example", "internal", "admin@example.org", "Administrator"),
            CancellationToken.None
        );
        var created = Assert.IsType<CreateOrganisationOutcome.Created>(founded);
        workshop.Organisation = created.OrganisationId;
        workshop.Administrator = created.AdministratorToken;
        await database.RunAsSuperuserAsync(
            """
            CREATE TABLE public.effects (number serial, key uuid, text text);
            GRANT USAGE ON SCHEMA public TO psa;
            GRANT SELECT, INSERT ON public.effects TO psa;
            GRANT USAGE ON SEQUENCE public.effects_number_seq TO psa;
            """
        );
        return workshop;
    }

    /// <summary>Another worker on the same database.</summary>
    /// <param name="beforeFirst">Happens once it has claimed and before it advances anything.</param>
    public WorkflowRunner NewRunner(Action? beforeFirst = null) =>
        new(
            Database.Sentinel,
            Activities,
            organisation =>
            {
                Interlocked.Exchange(ref beforeFirst, null)?.Invoke();
                return secrets.For(organisation, "workflow");
            },
            Clock,
            NullLogger<WorkflowRunner>.Instance
        );

    public Secret Machine(string name) => secrets.For(Organisation, name);

    public async Task ShipAsync(string json)
    {
        var outcome = await new BootstrapWorkflows(Activities, Clock).RunAsync(
            Database.SuperuserConnectionString,
            new Dictionary<string, string> { ["test.json"] = json },
            CancellationToken.None
        );
        Assert.Empty(outcome.Problems);
    }

    public async Task<Guid> StartAsync(string definitionId, params (string, string)[] inputs)
    {
        await using var work = await PresentedTransaction.BeginAsync(
            Database.Sentinel.Psa,
            Machine("siem"),
            CancellationToken.None
        );
        var started = await Runner.StartAsync(
            work,
            definitionId,
            inputs.ToDictionary(i => i.Item1, i => JsonSerializer.SerializeToElement(i.Item2)),
            "correlated",
            CancellationToken.None
        );
        await work.CommitAsync(CancellationToken.None);
        return Assert.IsType<StartOutcome.Begun>(started).InstanceId;
    }

    public async Task<int> ResumeAsync(string type, string key, string outcome)
    {
        await using var work = await PresentedTransaction.BeginAsync(
            Database.Sentinel.Psa,
            Machine("siem"),
            CancellationToken.None
        );
        var resumed = await WorkflowRunner.ResumeAsync(
            work,
            type,
            key,
            outcome,
            new Dictionary<string, JsonElement>(),
            Clock.GetUtcNow(),
            CancellationToken.None
        );
        await work.CommitAsync(CancellationToken.None);
        return resumed;
    }

    /// <summary>Rounds until there is nothing to do at this moment.</summary>
    public async Task RunAsync()
    {
        for (var round = 0; round < 100; round++)
            if ((await Runner.RunDueAsync(10, CancellationToken.None)).NothingToDo)
                return;
        Assert.Fail("A hundred rounds were not enough.");
    }

    public Task<string> StatusAsync(Guid instance) =>
        Database.AskAsSuperuserAsync<string>(
            $"SELECT status FROM workflow.workflow_instances WHERE id = '{instance}'"
        );

    /// <summary>What was done, in order: 'a,b,c'.</summary>
    public Task<string> EffectsAsync() =>
        Database.AskAsSuperuserAsync<string>(
            "SELECT coalesce(string_agg(text, ',' ORDER BY number), '') FROM public.effects"
        );

    public Task<string> JournalAsync(Guid instance) =>
        Database.AskAsSuperuserAsync<string>(
            $"""
            SELECT coalesce(string_agg(activity_id || ' ' || event, ', ' ORDER BY number), '')
            FROM workflow.workflow_journal WHERE instance_id = '{instance}'
            """
        );

    public ValueTask DisposeAsync() => Database.DisposeAsync();
}
