using Npgsql;
using Sentinel.IntegrationTests.Support;
using Sentinel.Policies.Model;
using Sentinel.Policies.Store;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Organisations;
using Sentinel.Siem.Detection;

namespace Sentinel.IntegrationTests.Policies;

/// <summary>An organisation with its shipped policies and its first administrator.</summary>
sealed class PolicyHouse : IAsyncDisposable
{
    PolicyHouse(TestDatabase database, CreateOrganisationOutcome.Created founded)
    {
        Database = database;
        Administrator = founded.AdministratorToken;
        OrganisationId = founded.OrganisationId;
        Publish = new PublishPolicies(
            database.Sentinel,
            new PublicationTests(),
            TimeProvider.System
        );
    }

    public TestDatabase Database { get; }

    public Secret Administrator { get; }

    public Guid OrganisationId { get; }

    public PublishPolicies Publish { get; }

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<PolicyHouse> FoundAsync()
    {
        var database = await TestDatabase.CreateAsync();
        var created = await new CreateOrganisation(database.Data, TimeProvider.System).RunAsync(
            database.SuperuserConnectionString,
            new NewOrganisation("Some", "lab", "first@example.org", "First"),
            Cancellation
        );
        var house = new PolicyHouse(
            database,
            Assert.IsType<CreateOrganisationOutcome.Created>(created)
        );
        Assert.IsType<BootstrapPoliciesOutcome.Done>(await house.BootstrapAsync());
        return house;
    }

    public Task<BootstrapPoliciesOutcome> BootstrapAsync() =>
        new BootstrapPolicies(TimeProvider.System).RunAsync(
            Database.SuperuserConnectionString,
            OrganisationId,
            ShippedPolicies.Texts,
            Cancellation
        );

    public async Task<PolicyVersion> PublishAsync(Secret secret, PolicyText text)
    {
        var outcome = await Publish.RunAsync(
            secret,
            new Publication([text], "agreed"),
            Cancellation
        );
        return Assert.Single(Assert.IsType<PublishPoliciesOutcome.Published>(outcome).Versions);
    }

    public Task<ApprovePoliciesOutcome> ApproveAsync(Secret secret, Guid version) =>
        new ApprovePolicies(
            Database.Sentinel,
            new PublicationTests(),
            TimeProvider.System
        ).RunAsync(secret, [version], "read it", Cancellation);

    public async Task<Secret> EngineerAsync()
    {
        var user = await new CreateUser(Database.Sentinel, TimeProvider.System).RunAsync(
            Administrator,
            "second@example.org",
            "Second",
            [RoleSeeds.DetectionEngineer],
            Cancellation
        );
        var credential = await new IssueCredential(Database.Sentinel, TimeProvider.System).RunAsync(
            Administrator,
            new CredentialHolder.ForPerson(Assert.IsType<Outcome<Guid>.Done>(user).Value),
            TimeSpan.FromDays(1),
            Cancellation
        );
        return Assert.IsType<Outcome<IssuedCredential>.Done>(credential).Value.Secret;
    }

    public async Task<IReadOnlyList<PolicyVersion>> ActiveAsync()
    {
        await using var work = await PresentedTransaction.BeginAsync(
            Database.Sentinel.Siem,
            Administrator,
            Cancellation
        );
        return await PolicyStore.LoadActiveAsync(work.Connection, OrganisationId, Cancellation);
    }

    public async Task RunAsync(Secret secret, string sql)
    {
        await using var work = await PresentedTransaction.BeginAsync(
            Database.Sentinel.Psa,
            secret,
            Cancellation
        );
        await using var command = work.Command(sql);
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    /// <summary>Like <see cref="RunAsync"/>, for good.</summary>
    public async Task CommitAsync(Secret secret, string sql)
    {
        await using var work = await PresentedTransaction.BeginAsync(
            Database.Sentinel.Psa,
            secret,
            Cancellation
        );
        await using var command = work.Command(sql);
        await command.ExecuteNonQueryAsync(Cancellation);
        await work.CommitAsync(Cancellation);
    }

    public async Task<string?> RuleAsync(Secret secret, string sql) =>
        (await Assert.ThrowsAsync<PostgresException>(() => RunAsync(secret, sql))).ConstraintName;

    public ValueTask DisposeAsync() => Database.DisposeAsync();
}
