using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Sentinel.Contract;
using Sentinel.IntegrationTests.Support;
using Sentinel.Policies.Model;
using Sentinel.Policies.Store;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Organisations;
using Sentinel.Siem;
using Sentinel.Siem.Findings;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Normalisation;
using Sentinel.Siem.Rules;

namespace Sentinel.IntegrationTests.Siem;

/// <summary>An organisation with policies, a clock that stands still, and an intake that remembers.</summary>
sealed class SiemWorld : IAsyncDisposable
{
    public const string Policies = """
        source test.sshd
          accepts syslog where program == "sshd"
          silent after 1h

          line "Failed password for {user} from {source_ip:ip} port {source_port:int} ssh2"
            is auth.login_failed severity 4 outcome failure tag guessed
          line "Accepted password for {user} from {source_ip:ip} port {source_port:int} ssh2"
            is auth.login_succeeded severity 1 outcome success
          otherwise is other.unparsed

        rule guessing
          "Many failed logins"
          severity 7
          let failed = event auth.login_failed
          aggregate failed by source_ip within 5m
            having count(failed) >= 5
          confidence 70
            + 5 per failed beyond 5, at most 20
          raises brute_force "{count(failed)} failed logins from {source_ip}"
          once per source_ip in 1h

        sla p1
          respond within 15m, resolve within 4h, warn at 75%, calendar always

        escalation credential_attack
          when finding.type == "brute_force" and finding.severity >= 7
          open incident, severity finding.severity
          sla p1
          queue soc
          order 10
        """;

    readonly IServiceCollection registrations;
    ServiceProvider services;

    SiemWorld(
        TestDatabase database,
        Guid organisationId,
        Secret administrator,
        IServiceCollection registrations
    )
    {
        Database = database;
        OrganisationId = organisationId;
        Administrator = administrator;
        this.registrations = registrations;
        services = registrations.BuildServiceProvider();
    }

    /// <summary>As after a kill: nothing is remembered but what was committed.</summary>
    public async Task RestartAsync()
    {
        await services.DisposeAsync();
        services = registrations.BuildServiceProvider();
    }

    public TestDatabase Database { get; }

    public Guid OrganisationId { get; }

    public Secret Administrator { get; }

    public Secret Machine => new MachineSecrets(Database.Data).For(OrganisationId, "siem");

    public FakeTimeProvider Clock => (FakeTimeProvider)Get<TimeProvider>();

    public RememberingIntake Intake => (RememberingIntake)Get<ICaseIntake>();

    /// <summary>The same service in a process of its own: it shares nothing but the database.</summary>
    public T Another<T>()
        where T : notnull => registrations.BuildServiceProvider().GetRequiredService<T>();

    public T Get<T>()
        where T : notnull => services.GetRequiredService<T>();

    /// <summary>With the test's own policy.</summary>
    public static Task<SiemWorld> CreateAsync() => CreateAsync(new FixedPolicies(Policies));

    /// <summary>With the shipped policies, published as they are for every new organisation.</summary>
    public static async Task<SiemWorld> CreateShippedAsync()
    {
        var world = await CreateAsync(new PolicyTextStore());
        var outcome = await new BootstrapPolicies(TimeProvider.System).RunAsync(
            world.Database.SuperuserConnectionString,
            world.OrganisationId,
            ShippedPolicies.Texts,
            Cancellation
        );
        Assert.IsType<BootstrapPoliciesOutcome.Done>(outcome);
        return world;
    }

    public static async Task<SiemWorld> CreateAsync(IPolicyTextStore policies)
    {
        var database = await TestDatabase.CreateAsync();
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        var created = (CreateOrganisationOutcome.Created)
            await new CreateOrganisation(database.Data, TimeProvider.System).RunAsync(
                database.SuperuserConnectionString,
                new NewOrganisation("Example", "lab", "admin@example.com", "Admin"),
                Cancellation
            );
        var services = new ServiceCollection()
            .AddLogging()
            .AddSingleton(database.Sentinel)
            .AddSingleton(database.Data)
            .AddSingleton<MachineSecrets>()
            .AddSingleton<TimeProvider>(clock)
            .AddSingleton<ICaseIntake, RememberingIntake>()
            .AddSiem()
            .AddSingleton(policies);
        return new SiemWorld(
            database,
            created.OrganisationId,
            created.AdministratorToken,
            services
        );
    }

    /// <summary>The administrator of a second organisation in the same database.</summary>
    public async Task<Secret> FoundAnotherAsync()
    {
        var created = await new CreateOrganisation(Database.Data, TimeProvider.System).RunAsync(
            Database.SuperuserConnectionString,
            new NewOrganisation("Other", "customer", "admin@example.org", "Admin"),
            Cancellation
        );
        return Assert.IsType<CreateOrganisationOutcome.Created>(created).AdministratorToken;
    }

    public async Task<IngestCounts> IngestAsync(params string[] files)
    {
        var outcome = await Get<IngestFiles>()
            .RunAsync(Machine, files, null, new NormaliserOptions(), null, Cancellation);
        return Assert.IsType<IngestOutcome.Ingested>(outcome).Counts;
    }

    public string File(string name, params string[] lines)
    {
        var path = Path.Combine(Database.Data.Path, name);
        System.IO.File.WriteAllText(path, string.Concat(lines.Select(line => line + "\n")));
        return path;
    }

    public async Task<IReadOnlyList<Finding>> FindingsAsync() =>
        Assert
            .IsType<ListFindingsOutcome.Listed>(
                await Get<ListFindings>().RunAsync(Administrator, null, 100, Cancellation)
            )
            .Findings;

    public Task<T> AskAsync<T>(string sql) => Database.AskAsSuperuserAsync<T>(sql);

    /// <summary>Runs statements as role siem, with the machine's credential presented.</summary>
    public async Task RunAsSiemAsync(string sql)
    {
        await using var work = await PresentedTransaction.BeginAsync(
            Database.Sentinel.Siem,
            Machine,
            Cancellation
        );
        await using var command = work.Command(sql);
        await command.ExecuteNonQueryAsync(Cancellation);
        await work.CommitAsync(Cancellation);
    }

    public static string Failed(
        int second,
        string address = "198.51.100.9",
        string user = "root"
    ) => Line(second, $"Failed password for {user} from {address} port 4711 ssh2");

    public static string Line(int second, string message) =>
        $"Mar  1 10:{second / 60:00}:{second % 60:00} web1 sshd[42]: {message}";

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        await Database.DisposeAsync();
    }

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;
}

/// <summary>One text, published for everybody, until another takes its place.</summary>
sealed class ChangingPolicies(string first) : IPolicyTextStore
{
    readonly List<PublishedText> versions = [Version(1, first)];

    public void Publish(string text) => versions.Add(Version(versions.Count + 1, text));

    public Task<IReadOnlyList<PublishedText>> ActiveAsync(
        PresentedTransaction work,
        CancellationToken cancellation
    ) => Task.FromResult<IReadOnlyList<PublishedText>>([versions[^1]]);

    public Task<IReadOnlyList<PolicyText>> TextsAsync(
        NpgsqlConnection connection,
        Guid organisationId,
        IReadOnlyList<string> sha256s,
        CancellationToken cancellation
    ) =>
        Task.FromResult<IReadOnlyList<PolicyText>>([
            .. versions.Select(v => v.Text).Where(text => sha256s.Contains(text.Sha256)),
        ]);

    static PublishedText Version(int number, string text) =>
        new("test.sentinel", number, new("test.sentinel", text));
}

/// <summary>One text, published for everybody.</summary>
sealed class FixedPolicies(string text) : IPolicyTextStore
{
    readonly PublishedText published = new("test.sentinel", 1, new("test.sentinel", text));

    public Task<IReadOnlyList<PublishedText>> ActiveAsync(
        PresentedTransaction work,
        CancellationToken cancellation
    ) => Task.FromResult<IReadOnlyList<PublishedText>>([published]);

    public Task<IReadOnlyList<PolicyText>> TextsAsync(
        NpgsqlConnection connection,
        Guid organisationId,
        IReadOnlyList<string> sha256s,
        CancellationToken cancellation
    ) => Task.FromResult<IReadOnlyList<PolicyText>>([published.Text]);
}

/// <summary>Takes escalations as casework does: the same one twice is one case.</summary>
sealed class RememberingIntake(TimeProvider clock) : ICaseIntake
{
    public Dictionary<Guid, Escalation> Received { get; } = [];

    public bool Broken { get; set; }

    public Task<EscalationReceipt> ReceiveAsync(
        Escalation escalation,
        CancellationToken cancellation
    )
    {
        if (Broken)
            throw new InvalidOperationException("the intake is closed");
        Received[escalation.Id] = escalation;
        return Task.FromResult(
            new EscalationReceipt(escalation.Id, CaseIdOf(escalation), clock.GetUtcNow())
        );
    }

    public static Guid CaseIdOf(Escalation escalation) => escalation.About.Id;
}
