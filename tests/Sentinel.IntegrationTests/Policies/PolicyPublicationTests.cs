using Npgsql;
using Sentinel.IntegrationTests.Support;
using Sentinel.Policies.Model;
using Sentinel.Policies.Store;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Organisations;

namespace Sentinel.IntegrationTests.Policies;

public sealed class PolicyPublicationTests
{
    static readonly PolicyText good = new(
        "policies/sla.sentinel",
        "sla p1\n  respond within 5m, resolve within 2h\n\nsla p2\n  respond within 1h, resolve within 1d\n"
            + "\nsla p3\n  respond within 1d, resolve within 5d\n\nsla p4\n  respond within 2d, resolve within 9d\n"
    );

    [Fact]
    public async Task Shipped_policies_are_active_from_the_first_day_and_only_once()
    {
        await using var house = await House.FoundAsync();

        var again = await house.BootstrapAsync();
        var active = await house.ActiveAsync();

        Assert.IsType<BootstrapPoliciesOutcome.AlreadyThere>(again);
        Assert.Equal(
            ShippedPolicies.Texts.Select(t => (t.Path, t.Sha256)),
            active.Select(v => (v.Text.Path, v.Text.Sha256))
        );
        Assert.Equal(
            1L,
            await house.Database.AskAsSuperuserAsync<long>(
                "SELECT count(*) FROM psa.audit_log WHERE action = 'policy.bootstrapped'"
            )
        );
    }

    [Fact]
    public async Task A_published_version_is_active_when_somebody_else_has_approved_it()
    {
        await using var house = await House.FoundAsync();

        var version = await house.PublishAsync(house.Administrator, good);
        Assert.DoesNotContain(await house.ActiveAsync(), v => v.Id == version.Id);

        var own = await house.ApproveAsync(house.Administrator, version.Id);
        Assert.Equal(
            "policy.approve.own_work",
            Assert.IsType<ApprovePoliciesOutcome.Refused>(own).Rule
        );
        var engineer = await house.EngineerAsync();
        var approved = await house.ApproveAsync(engineer, version.Id);

        Assert.IsType<ApprovePoliciesOutcome.Approved>(approved);
        var active = await house.ActiveAsync();
        Assert.Contains(active, v => v.Id == version.Id && v is { Version: 2, Approved: true });
        Assert.Equal(active.Count, active.Select(v => v.Text.Path).Distinct().Count());
        Assert.Equal(
            "policy.published, policy.approve.refused, policy.approved, policy.activated",
            await house.Database.AskAsSuperuserAsync<string>(
                """
                SELECT string_agg(action, ', ' ORDER BY position) FROM psa.audit_log
                WHERE entity_type = 'policy' AND actor_kind = 'person'
                """
            )
        );
    }

    [Fact]
    public async Task What_did_not_change_is_no_new_version_and_bad_text_is_none_at_all()
    {
        await using var house = await House.FoundAsync();
        var shipped = ShippedPolicies.Texts[0];

        var outcome = await house.Publish.RunAsync(
            house.Administrator,
            [shipped],
            TestContext.Current.CancellationToken
        );
        var published = Assert.IsType<PublishPoliciesOutcome.Published>(outcome);
        Assert.Empty(published.Versions);
        Assert.Equal([shipped.Path], published.Unchanged);

        // An escalation still names these slas: the set does not load without them.
        var bad = await house.Publish.RunAsync(
            house.Administrator,
            [new PolicyText(good.Path, "")],
            TestContext.Current.CancellationToken
        );
        var rejected = Assert.IsType<PublishPoliciesOutcome.Rejected>(bad);
        Assert.Contains(rejected.Diagnostics, d => d.Code == "POL019");
    }

    [Fact]
    public async Task Raw_sql_as_the_psa_role_meets_the_same_rules()
    {
        await using var house = await House.FoundAsync();
        var version = await house.PublishAsync(house.Administrator, good);

        var approval = await Assert.ThrowsAsync<PostgresException>(() =>
            house.RunAsync(
                house.Administrator,
                $"""
                INSERT INTO policy.policy_approvals
                    (organisation_id, id, policy_version_id, approver, approved_at)
                VALUES (access.organisation_id(), gen_random_uuid(), '{version.Id}', access.actor_id(), now())
                """
            )
        );
        Assert.Equal("policy.approve.own_work", approval.ConstraintName);
        var activation = await Assert.ThrowsAsync<PostgresException>(() =>
            house.RunAsync(
                house.Administrator,
                $"""
                INSERT INTO policy.policy_activations
                    (organisation_id, id, policy_version_id, activated_by, activated_at)
                VALUES (access.organisation_id(), gen_random_uuid(), '{version.Id}', access.actor_id(), now())
                """
            )
        );
        Assert.Equal("policy.activate.unapproved", activation.ConstraintName);
        foreach (var statement in new[] { "UPDATE", "DELETE" })
        {
            var sql =
                statement == "UPDATE"
                    ? "UPDATE policy.policy_versions SET text = 'x'"
                    : "DELETE FROM policy.policy_versions";
            var refused = await Assert.ThrowsAsync<PostgresException>(() =>
                house.RunAsync(house.Administrator, sql)
            );
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }
    }

    /// <summary>An organisation with its shipped policies and its first administrator.</summary>
    sealed class House : IAsyncDisposable
    {
        House(TestDatabase database, CreateOrganisationOutcome.Created founded)
        {
            Database = database;
            Administrator = founded.AdministratorToken;
            OrganisationId = founded.OrganisationId;
            Publish = new PublishPolicies(database.Sentinel, TimeProvider.System);
        }

        public TestDatabase Database { get; }

        public Secret Administrator { get; }

        public Guid OrganisationId { get; }

        public PublishPolicies Publish { get; }

        static CancellationToken Cancellation => TestContext.Current.CancellationToken;

        public static async Task<House> FoundAsync()
        {
            var database = await TestDatabase.CreateAsync();
            var created = await new CreateOrganisation(database.Data, TimeProvider.System).RunAsync(
                database.SuperuserConnectionString,
                new NewOrganisation("Some", "lab", "first@example.org", "First"),
                Cancellation
            );
            var house = new House(
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
            var outcome = await Publish.RunAsync(secret, [text], Cancellation);
            return Assert.Single(Assert.IsType<PublishPoliciesOutcome.Published>(outcome).Versions);
        }

        public Task<ApprovePoliciesOutcome> ApproveAsync(Secret secret, Guid version) =>
            new ApprovePolicies(Database.Sentinel, TimeProvider.System).RunAsync(
                secret,
                [version],
                Cancellation
            );

        public async Task<Secret> EngineerAsync()
        {
            var user = await new CreateUser(Database.Sentinel, TimeProvider.System).RunAsync(
                Administrator,
                "second@example.org",
                "Second",
                [RoleSeeds.DetectionEngineer],
                Cancellation
            );
            var credential = await new IssueCredential(
                Database.Sentinel,
                TimeProvider.System
            ).RunAsync(
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

        public ValueTask DisposeAsync() => Database.DisposeAsync();
    }
}
