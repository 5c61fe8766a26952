using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Sentinel.Contract;
using Sentinel.IntegrationTests.Support;
using Sentinel.Policies.Model;
using Sentinel.Postgres.Access;
using Sentinel.Postgres.Ledger;
using Sentinel.Postgres.Objects;
using Sentinel.Psa.Approvals;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Bundles;
using Sentinel.Psa.Cases;
using Sentinel.Psa.Evidence;
using Sentinel.Psa.Intake;
using Sentinel.Psa.Notes;
using Sentinel.Psa.Organisations;
using Sentinel.Psa.Outbound;
using Sentinel.Psa.Ownership;
using Sentinel.Psa.Relations;
using Sentinel.Psa.Search;
using Sentinel.Psa.Stories;
using Sentinel.Psa.Tasks;

namespace Sentinel.IntegrationTests.Psa;

/// <summary>
/// An organisation at work: an administrator, an analyst and an incident manager with their tokens, on
/// a database of its own.
/// </summary>
sealed class Office : IAsyncDisposable
{
    static readonly PolicyText Text = new("office.sentinel", "escalation credential_attack");

    Office(TestDatabase database, Guid organisationId, Secret administrator)
    {
        Database = database;
        OrganisationId = organisationId;
        Administrator = administrator;
        Objects = new EvidenceObjects(database.Data, new FolderObjects(database.Data.Path));
        Machines = new MachineSecrets(database.Data);
        Intake = new OpenCase(
            database.Sentinel,
            Machines,
            Objects,
            new Terms(),
            new NoWorkflows(),
            TimeProvider.System,
            NullLogger<OpenCase>.Instance
        );
    }

    public TestDatabase Database { get; }
    public Guid OrganisationId { get; }
    public Secret Administrator { get; }
    public EvidenceObjects Objects { get; }
    public MachineSecrets Machines { get; }
    public OpenCase Intake { get; }

    public Person Analyst { get; private set; } = null!;
    public Person Manager { get; private set; } = null!;

    public Secret Siem => Machines.For(OrganisationId, "siem");
    public Secret Workflow => Machines.For(OrganisationId, "workflow");

    public sealed record Person(Guid Id, Secret Token);

    public static async Task<Office> OpenAsync(string name = "Harbour")
    {
        var database = await TestDatabase.CreateAsync();
        return await FoundAsync(database, name);
    }

    public static async Task<Office> FoundAsync(TestDatabase database, string name)
    {
        var founded = (CreateOrganisationOutcome.Created)
            await new CreateOrganisation(database.Data, TimeProvider.System).RunAsync(
                database.SuperuserConnectionString,
                new NewOrganisation(name, "internal", "admin@example.org", "Admin"),
                default
            );
        var office = new Office(database, founded.OrganisationId, founded.AdministratorToken);
        office.Analyst = await office.HireAsync("ada", RoleSeeds.Analyst);
        office.Manager = await office.HireAsync("mia", RoleSeeds.IncidentManager);
        return office;
    }

    public async Task<Person> HireAsync(string name, params string[] roles)
    {
        var id = Done(
            await new CreateUser(Database.Sentinel, TimeProvider.System).RunAsync(
                Administrator,
                name + "@example.org",
                name,
                roles,
                default
            )
        );
        var issued = await IssueAsync(
            Administrator,
            new CredentialHolder.ForPerson(id),
            TimeSpan.FromDays(1)
        );
        return new Person(id, issued);
    }

    public async Task<Secret> IssueAsync(Secret by, CredentialHolder holder, TimeSpan validFor) =>
        Done(
            await new IssueCredential(Database.Sentinel, TimeProvider.System).RunAsync(
                by,
                holder,
                validFor,
                default
            )
        ).Secret;

    /// <summary>A deputy's token, and the delegation that it needs.</summary>
    public async Task<Secret> DeputiseAsync(Person delegator, Person deputy)
    {
        Done(
            await new DelegateDuties(Database.Sentinel, TimeProvider.System).RunAsync(
                delegator.Token,
                deputy.Id,
                TimeSpan.FromDays(2),
                "on leave",
                default
            )
        );
        return await IssueAsync(
            Administrator,
            new CredentialHolder.ForDelegate(deputy.Id, delegator.Id),
            TimeSpan.FromDays(1)
        );
    }

    public Escalation Escalation(Guid? findingId = null, string bytes = "raw lines, sealed")
    {
        var content = Encoding.UTF8.GetBytes(bytes);
        var path = Path.Combine(Database.Data.Packages, $"{Guid.CreateVersion7():N}.zip");
        File.WriteAllBytes(path, content);
        return new Escalation(
            Guid.CreateVersion7(),
            OrganisationId,
            Guid.CreateVersion7(),
            new EscalatedFinding(
                findingId ?? Guid.CreateVersion7(),
                "brute_force",
                7,
                80,
                "11 failed logins from 192.0.2.9, then root was let in",
                DateTimeOffset.UnixEpoch,
                new Dictionary<string, string> { ["user"] = "root", ["source_ip"] = "192.0.2.9" },
                []
            ),
            new SealedPackage(
                Guid.CreateVersion7(),
                new Uri(path),
                Convert.ToHexStringLower(SHA256.HashData(content))
            ),
            new PolicyReference("credential_attack", 1, Text.Sha256),
            null
        );
    }

    /// <summary>As an administrator registers it.</summary>
    public async Task<RegisteredConnector> ConnectorAsync(NewConnector asked) =>
        Done(
            await new RegisterConnector(Database.Sentinel, Machines, TimeProvider.System).RunAsync(
                Administrator,
                asked,
                default
            )
        );

    /// <summary>A case that the analyst opens by hand: no task, no clock, nothing asked for at its end.</summary>
    public async Task<Guid> CaseByHandAsync(
        string summary = "The printer smokes",
        params Guid[] assets
    ) =>
        Done(
            await OpenCaseByHand.RunAsync(
                Analyst.Token,
                new CaseByHand("incident", 3, summary, assets, null, new([], []), null),
                default
            )
        ).Id;

    /// <summary>A case as the dock opens it, with its one task.</summary>
    public async Task<Guid> CaseAsync() =>
        (await Intake.ReceiveAsync(Escalation(), default)).CaseId;

    /// <summary>Taken, worked, disposed and resolved by one person; what is left is to attest and close.</summary>
    public async Task<Guid> ResolvedCaseAsync(Person? worker = null)
    {
        var caseId = await CaseAsync();
        await WorkAsync(caseId, worker ?? Analyst);
        return caseId;
    }

    public async Task WorkAsync(Guid caseId, Person worker)
    {
        var by = worker.Token;
        Done(await TakeCase.RunAsync(by, caseId, default));
        foreach (var task in (await StoryAsync(caseId)).Tasks)
        {
            Done(await StartTask.RunAsync(by, task.Id, default));
            Done(await RecordTaskAction.RunAsync(by, task.Id, "called", "Called root", default));
            Done(await CompleteTask.RunAsync(by, task.Id, "confirmed", default));
        }
        Done(
            await DisposeCase.RunAsync(by, caseId, Disposition.TruePositive, "It was him", default)
        );
        Done(await ResolveCase.RunAsync(by, caseId, default));
    }

    public async Task<Guid> ClosedCaseAsync()
    {
        var caseId = await CaseAsync();
        await FinishAsync(caseId);
        return caseId;
    }

    /// <summary>Worked by the analyst, attested and closed by the manager.</summary>
    public async Task FinishAsync(Guid caseId)
    {
        await WorkAsync(caseId, Analyst);
        Done(await AttestCase.RunAsync(Manager.Token, caseId, "Read it all", default));
        Done(await CloseCase.RunAsync(Manager.Token, caseId, default));
    }

    /// <summary>Signs what the log has by now.</summary>
    public Task SignAsync() =>
        new SignHead(Database.Sentinel, Database.Data, TimeProvider.System).RunAsync(
            "psa",
            default
        );

    public async Task<CaseStory> StoryAsync(Guid caseId) =>
        Done(await ShowCase.RunAsync(Manager.Token, caseId, default));

    public ShowCase ShowCase => new(Database.Sentinel, TimeProvider.System);
    public TakeCase TakeCase => new(Database.Sentinel, TimeProvider.System);
    public ResolveCase ResolveCase => new(Database.Sentinel, TimeProvider.System);
    public DisposeCase DisposeCase => new(Database.Sentinel, TimeProvider.System);
    public AttestCase AttestCase => new(Database.Sentinel, TimeProvider.System);
    public StartTask StartTask => new(Database.Sentinel, TimeProvider.System);
    public CompleteTask CompleteTask => new(Database.Sentinel, TimeProvider.System);
    public CancelTask CancelTask => new(Database.Sentinel, TimeProvider.System);
    public CreateTask CreateTask => new(Database.Sentinel, TimeProvider.System);
    public AssignTask AssignTask => new(Database.Sentinel);
    public RecordTaskAction RecordTaskAction => new(Database.Sentinel, TimeProvider.System);
    public AskApproval AskApproval => new(Database.Sentinel, TimeProvider.System);
    public DecideApproval DecideApproval => new(Database.Sentinel, TimeProvider.System);
    public AttachEvidence AttachEvidence => new(Database.Sentinel, Objects, TimeProvider.System);
    public ReadEvidence ReadEvidence => new(Database.Sentinel, Objects, TimeProvider.System);
    public OpenCaseByHand OpenCaseByHand => new(Database.Sentinel, TimeProvider.System);
    public CommentCase CommentCase => new(Database.Sentinel, TimeProvider.System);
    public TagCase TagCase => new(Database.Sentinel, TimeProvider.System);
    public UntagCase UntagCase => new(Database.Sentinel, TimeProvider.System);
    public WatchCase WatchCase => new(Database.Sentinel, TimeProvider.System);
    public UnwatchCase UnwatchCase => new(Database.Sentinel, TimeProvider.System);
    public SetSeverity SetSeverity => new(Database.Sentinel, TimeProvider.System);
    public AssignCase AssignCase => new(Database.Sentinel, TimeProvider.System);
    public LinkCases LinkCases => new(Database.Sentinel, TimeProvider.System);
    public UnlinkCases UnlinkCases => new(Database.Sentinel, TimeProvider.System);
    public LinkEvidence LinkEvidence => new(Database.Sentinel, TimeProvider.System);
    public ListCases ListCases => new(Database.Sentinel);
    public SearchCases SearchCases => new(Database.Sentinel);
    public ExportCase Export => new(Database.Sentinel, Database.Data, ReadEvidence);
    public TellCase Tell => new(Database.Sentinel, TimeProvider.System);
    public VerifyCase VerifyCase =>
        new(Database.Sentinel, Database.Data, Objects, TimeProvider.System);
    public CloseCase CloseCase =>
        new(
            Database.Sentinel,
            Database.Data,
            new SignHead(Database.Sentinel, Database.Data, TimeProvider.System),
            TimeProvider.System
        );

    public static T Done<T>(Outcome<T> outcome) =>
        outcome.Match(
            value => value,
            missing => throw new InvalidOperationException(missing + " is missing"),
            refusal => throw new InvalidOperationException($"{refusal.Rule}: {refusal}")
        );

    public static RuleRefusal Refused<T>(Outcome<T> outcome) =>
        Assert.IsType<Outcome<T>.Declined>(outcome).Why;

    /// <summary>SQL typed by hand as the psa role, under a credential: what the service is not asked about.</summary>
    public async Task<int> ByHandAsync(Secret secret, string sql, params object[] values)
    {
        await using var work = await PresentedTransaction.BeginAsync(
            Database.Sentinel.Psa,
            secret,
            default
        );
        await using var command = work.Command(sql);
        foreach (var value in values)
            command.Parameters.AddWithValue(value);
        var rows = await command.ExecuteNonQueryAsync();
        await work.CommitAsync(default);
        return rows;
    }

    /// <summary>The name of the rule by which the database refuses the statement.</summary>
    public async Task<string> RuleByHandAsync(Secret secret, string sql, params object[] values)
    {
        var refused = await Assert.ThrowsAsync<PostgresException>(() =>
            ByHandAsync(secret, sql, values)
        );
        return refused.SqlState == "SNR01" ? refused.ConstraintName! : refused.SqlState;
    }

    public ValueTask DisposeAsync() => Database.DisposeAsync();

    sealed class Terms : IEscalationTerms
    {
        public Task<EscalationTerms?> FindAsync(
            PresentedTransaction work,
            PolicyReference policy,
            CancellationToken cancellation
        ) =>
            Task.FromResult(
                policy.Sha256 == Text.Sha256
                    ? new EscalationTerms(
                        new EscalationDeclaration(
                            policy.Name,
                            Text,
                            [],
                            "incident",
                            new SeverityExpression([
                                new SeverityTerm.OfFinding(),
                                new SeverityTerm.OfAsset(),
                            ]),
                            "p1",
                            "soc_tier_2",
                            null,
                            [
                                new TaskTemplate(
                                    "investigation",
                                    "Confirm the login of {user}, {shoe}"
                                ),
                            ],
                            null,
                            new ClosingRequirements(
                                [new EvidenceRequirement("log", 1)],
                                [RoleSeeds.IncidentManager]
                            ),
                            10
                        ),
                        new SlaDeclaration(
                            "p1",
                            Text,
                            TimeSpan.FromMinutes(15),
                            TimeSpan.FromHours(4),
                            75,
                            "always"
                        )
                    )
                    : null
            );
    }

    sealed class NoWorkflows : ICaseWorkflows
    {
        public Task<Guid?> StartAsync(
            PresentedTransaction work,
            string definition,
            Guid caseId,
            EscalatedFinding finding,
            Guid correlationId,
            CancellationToken cancellation
        ) => Task.FromResult<Guid?>(null);
    }
}
