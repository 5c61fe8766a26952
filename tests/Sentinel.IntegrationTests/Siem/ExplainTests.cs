using Sentinel.Siem.Explain;
using Sentinel.Siem.Findings;
using Sentinel.Siem.Search;

namespace Sentinel.IntegrationTests.Siem;

public class ExplainTests
{
    const string Policies = """
        source test.sshd
          accepts syslog where program == "sshd"
          line "Failed password for {user} from {source_ip:ip} port {source_port:int} ssh2"
            is auth.login_failed severity 4 outcome failure tag guessed
          otherwise is other.unparsed

        rule guessing
          "Many failed logins"
          severity 7
          let failed = event auth.login_failed where user in (root, admin) and source_port > 1024
          aggregate failed by source_ip within 5m
            having count(failed) >= 3
          confidence 70
            + 5 per failed beyond 2, at most 20
          except where source_ip == "198.51.100.77" until 2030-01-01 because "weekly pentest"
          raises brute_force "{count(failed)} failed logins from {source_ip}"
          once per source_ip in 1h

        rule persistent
          severity 8
          let guessed = hit of guessing
          each guessed
          confidence 50
          raises persistent "again {guessed.source_ip}"
          once per guessed.source_ip in 1h
        """;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_finding_tells_which_predicate_held_on_which_stored_value()
    {
        await using var world = await SiemWorld.CreateAsync(new FixedPolicies(Policies));
        await world.IngestAsync(
            world.File("a.log", [.. Enumerable.Range(0, 6).Select(i => SiemWorld.Failed(i))])
        );
        var finding = (await world.FindingsAsync()).Single(f => f.RuleName == "guessing");

        var explained = await ExplainAsync(world, finding.Id);

        Assert.Equal("within 5m", explained.Window);
        var step = Assert.Single(explained.Steps);
        Assert.Equal(("failed", false, 3), (step.Selection, step.Absent, step.Events.Count));
        Assert.All(
            step.Events,
            one =>
                Assert.Equal(
                    [
                        "user in (root, admin) held: user is 'root'",
                        "source_port > 1024 held: source_port is '4711'",
                        "by source_ip held: source_ip is '198.51.100.9'",
                    ],
                    one.Predicates.Select(p => p.Said)
                )
        );
        Assert.Equal(SiemWorld.Failed(0), step.Events[0].Text);
        Assert.Equal(
            new ExplainedException(
                "source_ip == \"198.51.100.77\"",
                new DateOnly(2030, 1, 1),
                "weekly pentest"
            ),
            Assert.Single(explained.Exceptions)
        );
        Assert.Equal(3, explained.LaterMatches);
        Assert.Equal("4 failed logins from 198.51.100.9", explained.Later[0].Message);
        Assert.Equal(
            explained.Finding.Id,
            (await ExplainAsync(world, explained.Later[1].HitId)).Finding.Id
        );
    }

    [Fact]
    public async Task A_finding_over_hits_names_the_hits_that_it_is_made_of()
    {
        await using var world = await SiemWorld.CreateAsync(new FixedPolicies(Policies));
        await world.IngestAsync(
            world.File("a.log", [.. Enumerable.Range(0, 3).Select(i => SiemWorld.Failed(i))])
        );
        var findings = await world.FindingsAsync();

        var explained = await ExplainAsync(
            world,
            findings.Single(f => f.RuleName == "persistent").Id
        );

        var cause = Assert.Single(explained.Causes);
        Assert.Equal(findings.Single(f => f.RuleName == "guessing").HitId, cause.HitId);
        Assert.Equal(
            ("guessing", "3 failed logins from 198.51.100.9"),
            (cause.Rule, cause.Message)
        );
        Assert.Empty(explained.Steps.SelectMany(s => s.Events).SelectMany(e => e.Predicates));
    }

    [Fact]
    public async Task A_stored_event_tells_what_kept_a_rule_from_firing_on_it()
    {
        await using var world = await SiemWorld.CreateAsync(new FixedPolicies(Policies));
        await world.IngestAsync(
            world.File(
                "a.log",
                SiemWorld.Failed(0),
                SiemWorld.Failed(1, user: "guest"),
                SiemWorld.Failed(2),
                "nothing that anybody reads",
                SiemWorld.Failed(400, "198.51.100.10"),
                SiemWorld.Failed(401, "198.51.100.10"),
                SiemWorld.Failed(402, "198.51.100.10")
            )
        );

        var other = await NotAsync(world, await EventIdAsync(world, "user == guest"));
        var fewId = await EventIdAsync(world, "source_ip == 198.51.100.9 and user == root");
        var few = await NotAsync(world, fewId);
        var fired = await NotAsync(world, await EventIdAsync(world, "source_ip == 198.51.100.10"));
        var unread = await NotAsync(
            world,
            await world.AskAsync<Guid>("SELECT raw_event_id FROM siem.ingest_failures")
        );

        Assert.Equal(
            "user in (root, admin) did not hold: user is 'guest'",
            Assert.Single(Assert.Single(other.Selections).Predicates).Said
        );
        Assert.Equal(["count(failed) >= 3 was not reached: at most 2 within 5m"], few.Shortfall);
        Assert.EndsWith("a.log", few.File);
        Assert.Empty(few.Hits);
        Assert.Equal(3, Assert.Single(fired.Hits).Count);
        Assert.NotNull(unread.Unread);
        Assert.IsType<NotFiredOutcome.NotFound>(
            await world
                .Get<ExplainNotFired>()
                .RunAsync(await world.FoundAnotherAsync(), "guessing", fewId, Cancellation)
        );
    }

    [Fact]
    public async Task What_an_exception_means_to_be_so_is_counted_listed_and_explained()
    {
        await using var world = await SiemWorld.CreateAsync(
            new FixedPolicies(Policies.Replace("until 2030-01-01", "until 2026-03-01"))
        );
        string[] AttackAt(string day) =>
            [
                .. Enumerable
                    .Range(0, 4)
                    .Select(i => SiemWorld.Failed(i, "198.51.100.77").Replace("Mar  1", day)),
            ];

        var counts = await world.IngestAsync(
            world.File("a.log", [.. AttackAt("Mar  1"), SiemWorld.Failed(3599, "192.0.2.1")])
        );
        world.Clock.Advance(TimeSpan.FromDays(1));
        await world.IngestAsync(world.File("b.log", AttackAt("Mar  2")));

        Assert.Equal((2, 0), (counts.Excepted, counts.Findings));
        var listed = Assert.IsType<ListExceptedOutcome.Excepted>(
            await world
                .Get<ListExceptedHits>()
                .RunAsync(world.Administrator, null, null, 10, Cancellation)
        );
        Assert.Equal(2, listed.Hits.Count);
        Assert.All(
            listed.Hits,
            hit =>
                Assert.Equal(
                    ("guessing", "weekly pentest", "198.51.100.77"),
                    (hit.Rule, hit.Because, hit.Key["source_ip"])
                )
        );
        // The exception ended with the first day: the second attack is a finding.
        var finding = (await world.FindingsAsync()).Single(f => f.RuleName == "guessing");
        var explained = await ExplainAsync(world, finding.Id);
        Assert.Equal(
            listed.Hits.Select(hit => hit.HitId),
            explained.Excepted.Select(hit => hit.HitId)
        );
        Assert.Equal(
            listed.Hits[0].Message,
            Assert
                .IsType<ExplainOutcome.Excepted>(
                    await world
                        .Get<ExplainFinding>()
                        .RunAsync(world.Administrator, listed.Hits[0].HitId, Cancellation)
                )
                .Hit.Message
        );
    }

    static async Task<Guid> EventIdAsync(SiemWorld world, string query)
    {
        var outcome = await world
            .Get<SearchEvents>()
            .RunAsync(world.Administrator, query, null, null, 10, Cancellation);
        return Assert.IsType<SearchOutcome.EventsFound>(outcome).Events[0].Event.Id;
    }

    static async Task<NotExplanation> NotAsync(SiemWorld world, Guid eventId)
    {
        var outcome = await world
            .Get<ExplainNotFired>()
            .RunAsync(world.Administrator, "guessing", eventId, Cancellation);
        return Assert.IsType<NotFiredOutcome.Explained>(outcome).Explanation;
    }

    static async Task<FindingExplanation> ExplainAsync(SiemWorld world, Guid id)
    {
        var outcome = await world
            .Get<ExplainFinding>()
            .RunAsync(world.Administrator, id, Cancellation);
        return Assert.IsType<ExplainOutcome.Explained>(outcome).Explanation;
    }
}
