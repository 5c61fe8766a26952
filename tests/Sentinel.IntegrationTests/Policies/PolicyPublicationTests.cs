using Npgsql;
using Sentinel.Policies.Model;
using Sentinel.Policies.Store;
using Sentinel.Postgres;

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
        await using var house = await PolicyHouse.FoundAsync();

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
        await using var house = await PolicyHouse.FoundAsync();

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
            "policy.published, policy.tested, policy.approve.refused, policy.approved, policy.tested, policy.activated",
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
        await using var house = await PolicyHouse.FoundAsync();
        var shipped = ShippedPolicies.Texts[0];

        var outcome = await house.Publish.RunAsync(
            house.Administrator,
            new Publication([shipped], "again"),
            TestContext.Current.CancellationToken
        );
        var published = Assert.IsType<PublishPoliciesOutcome.Published>(outcome);
        Assert.Empty(published.Versions);
        Assert.Equal([shipped.Path], published.Unchanged);

        // An escalation still names these slas: the set does not load without them.
        var bad = await house.Publish.RunAsync(
            house.Administrator,
            new Publication([new PolicyText(good.Path, "")], "away with it"),
            TestContext.Current.CancellationToken
        );
        var rejected = Assert.IsType<PublishPoliciesOutcome.Rejected>(bad);
        Assert.Contains(rejected.Diagnostics, d => d.Code == "POL019");
    }

    [Fact]
    public async Task Raw_sql_as_the_psa_role_meets_the_same_rules()
    {
        await using var house = await PolicyHouse.FoundAsync();
        var version = await house.PublishAsync(house.Administrator, good);

        var approval = await Assert.ThrowsAsync<PostgresException>(() =>
            house.RunAsync(
                house.Administrator,
                $"""
                INSERT INTO policy.policy_approvals
                    (organisation_id, id, policy_version_id, approver, approved_at, reason)
                VALUES (access.organisation_id(), gen_random_uuid(), '{version.Id}', access.actor_id(), now(), 'mine')
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

    static readonly PolicyText untested = new(
        "policies/untested.sentinel",
        """
        rule nobody_tried_it
          severity 5
          let failed = event auth.login_failed
          each failed
          confidence 60
          raises untried "untried"
        """ + "\n"
    );

    [Fact]
    public async Task A_rule_without_a_test_is_not_published_and_SQL_by_hand_cannot_make_it_active()
    {
        await using var house = await PolicyHouse.FoundAsync();

        var refused = await house.Publish.RunAsync(
            house.Administrator,
            new Publication([untested], "quick"),
            TestContext.Current.CancellationToken
        );
        Assert.Equal("policy.tests", Assert.IsType<PublishPoliciesOutcome.Refused>(refused).Rule);

        var engineer = await house.EngineerAsync();
        var version = await house.PublishAsync(house.Administrator, good);
        await house.CommitAsync(engineer, Approval(version.Id));
        // The publisher's run was green; a red one that is recorded later counts.
        await house.CommitAsync(engineer, TestRun(version.Id, good.Sha256, failed: 1));
        Assert.Equal(
            "policy.activate.red",
            await house.RuleAsync(engineer, Activation(version.Id))
        );
        Assert.Equal(
            "policy.test.text",
            await house.RuleAsync(engineer, TestRun(version.Id, new string('0', 64), failed: 0))
        );
        Assert.Equal(
            "policy.activate.approver",
            await house.RuleAsync(house.Administrator, Activation(version.Id))
        );
        await house.CommitAsync(engineer, TestRun(version.Id, good.Sha256, failed: 0));
        await house.CommitAsync(engineer, Activation(version.Id));
        Assert.Equal(
            "policy.activate.again",
            await house.RuleAsync(engineer, Activation(version.Id))
        );
    }

    [Fact]
    public async Task A_version_whose_tests_nobody_ran_does_not_become_active()
    {
        await using var house = await PolicyHouse.FoundAsync();
        var engineer = await house.EngineerAsync();
        await house.CommitAsync(
            house.Administrator,
            $$"""
            INSERT INTO policy.policy_versions (organisation_id, id, path, version, text, sha256, logic,
                author, created_at, reason)
            VALUES (access.organisation_id(), '{{house.OrganisationId}}', 'by-hand.sentinel', 1, '# nothing',
                encode(sha256('# nothing'), 'hex'), '{"rules":[]}', access.actor_id(), now(), 'by hand')
            """
        );
        await house.CommitAsync(engineer, Approval(house.OrganisationId));

        Assert.Equal(
            "policy.activate.untested",
            await house.RuleAsync(engineer, Activation(house.OrganisationId))
        );
    }

    [Fact]
    public async Task What_compiles_to_something_else_than_was_approved_is_not_loaded()
    {
        await using var house = await PolicyHouse.FoundAsync();
        await house.ActiveAsync();
        await using var connection = new NpgsqlConnection(house.Database.SuperuserConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var forge = new NpgsqlCommand(
            """
            ALTER TABLE policy.policy_versions DISABLE TRIGGER append_only_columns;
            UPDATE policy.policy_versions SET text = replace(text, 'within 15m', 'within 15d'),
                sha256 = encode(sha256(convert_to(replace(text, 'within 15m', 'within 15d'), 'UTF8')), 'hex')
            WHERE path = 'policies/sla.sentinel';
            """,
            connection
        );
        await forge.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var refused = await Assert.ThrowsAsync<OperationFailedException>(house.ActiveAsync);

        Assert.Contains("policies/sla.sentinel compiles to something else", refused.Message);
    }

    [Fact]
    public async Task An_older_text_comes_back_as_a_new_version_and_what_is_left_out_is_withdrawn()
    {
        await using var house = await PolicyHouse.FoundAsync();
        var engineer = await house.EngineerAsync();
        var changed = await house.PublishAsync(house.Administrator, good);
        await house.ApproveAsync(engineer, changed.Id);

        var reverted = Assert.IsType<PublishPoliciesOutcome.Published>(
            await new RevertPolicy(house.Database.Sentinel, house.Publish).RunAsync(
                house.Administrator,
                good.Path,
                null,
                "it was better",
                TestContext.Current.CancellationToken
            )
        );
        var shipped = ShippedPolicies.Texts.Single(text => text.Path == good.Path);
        Assert.Equal(
            (3, shipped.Text),
            (reverted.Versions[0].Version, reverted.Versions[0].Text.Text)
        );
        Assert.Equal([good.Path], reverted.Changed);

        var whole = Assert.IsType<PublishPoliciesOutcome.Published>(
            await house.Publish.RunAsync(
                house.Administrator,
                new Publication(
                    [new PolicyText("policies/lists.sentinel", "list a : word\n  x\n")],
                    "all",
                    true
                ),
                TestContext.Current.CancellationToken
            )
        );
        Assert.Equal(ShippedPolicies.Texts.Count - 1, whole.Withdrawn.Count);
        Assert.Equal(["policies/lists.sentinel"], whole.Changed);
    }

    static string Approval(Guid version) =>
        $"""
            INSERT INTO policy.policy_approvals
                (organisation_id, id, policy_version_id, approver, approved_at, reason)
            VALUES (access.organisation_id(), gen_random_uuid(), '{version}', access.actor_id(), now(), 'read')
            """;

    static string Activation(Guid version) =>
        $"""
            INSERT INTO policy.policy_activations
                (organisation_id, id, policy_version_id, activated_by, activated_at)
            VALUES (access.organisation_id(), gen_random_uuid(), '{version}', access.actor_id(), now())
            """;

    static string TestRun(Guid version, string sha256, int failed) =>
        $"""
            INSERT INTO policy.policy_test_runs (organisation_id, id, policy_version_id, sha256,
                set_sha256, tests, failed, rules_untested, run_by, ran_at)
            VALUES (access.organisation_id(), gen_random_uuid(), '{version}', '{sha256}',
                '{sha256}', 1, {failed}, 0, access.actor_id(), now())
            """;
}
