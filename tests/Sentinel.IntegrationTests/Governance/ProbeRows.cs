using Sentinel.IntegrationTests.Psa;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Assets;
using Sentinel.Psa.Cases;
using Sentinel.Psa.Evidence;
using Sentinel.Psa.Glass;
using Sentinel.Psa.Organisations;
using Sentinel.Psa.Outbound;
using Sentinel.Psa.Relations;

namespace Sentinel.IntegrationTests.Governance;

/// <summary>
/// Rows that working on cases alone does not bring: a guard of a table that is empty is hardly probed.
/// </summary>
static class ProbeRows
{
    /// <returns>An account behind which others stand, that could do what a manager may but for that.</returns>
    public static async Task<Office.Person> AddAsync(TrialOffice trial, Guid caseId, Guid otherId)
    {
        var office = trial.Office;
        await NotesAsync(office, caseId);
        await RelationsAsync(office, caseId, otherId);
        await AssetsAsync(office, caseId);
        await HoldsAsync(office);
        var desk = await AccountsAsync(trial);
        await WorkflowsAsync(office, caseId);
        await ClocksAsync(office, caseId);
        await DeliveriesAsync(office, caseId);
        await RedactionAsync(office, caseId);
        await office.Database.RunAsSuperuserAsync(
            """
            INSERT INTO psa.audit_timestamps SELECT tree_size, 'a token', now() FROM psa.audit_checkpoints LIMIT 2
            """
        );
        return desk;
    }

    /// <summary>What clocks and policies leave behind.</summary>
    static async Task ClocksAsync(Office office, Guid caseId)
    {
        foreach (var moment in (string[])["opened", "closed"])
        {
            await office.ByHandAsync(
                office.Analyst.Token,
                $"INSERT INTO psa.case_notify SELECT access.organisation_id(), $1, '{moment}', 'analyst'",
                caseId
            );
            await office.ByHandAsync(
                office.Analyst.Token,
                $"""
                INSERT INTO psa.case_notices
                SELECT gen_random_uuid(), access.organisation_id(), $1, '{moment}', 'analyst', access.actor_id(), now()
                """,
                caseId
            );
        }
        await office.ByHandAsync(
            office.Workflow,
            """
            INSERT INTO psa.sla_marks
            SELECT organisation_id, case_id, sequence, 'warned', now() - interval '1 minute', now(), access.actor_id()
            FROM psa.sla_entries WHERE case_id = $1 AND kind = 'started'
            """,
            caseId
        );
    }

    static async Task DeliveriesAsync(Office office, Guid caseId)
    {
        var evidence = (await office.StoryAsync(caseId)).Evidence[0];
        foreach (var outsideId in (string[])["one", "two"])
            await office.ByHandAsync(
                office.Analyst.Token,
                $"""
                INSERT INTO psa.module_receipts
                SELECT gen_random_uuid(), access.organisation_id(), 'edr', '{outsideId}', repeat('a', 64), $1,
                    '{evidence.Id}', gen_random_uuid(), 'malware', 7, ARRAY['colour'], ARRAY['web-9'], 'edr', repeat('b', 64), now()
                """,
                caseId
            );
    }

    static async Task RedactionAsync(Office office, Guid caseId)
    {
        var evidence = (await office.StoryAsync(caseId)).Evidence[0];
        using var content = new MemoryStream([1, 2, 3]);
        Office.Done(
            await new RedactEvidence(
                office.Database.Sentinel,
                office.Objects,
                TimeProvider.System
            ).RunAsync(office.Manager.Token, evidence.Id, "names of people", content, default)
        );
    }

    /// <summary>What workflows and connectors leave behind, past their services.</summary>
    static async Task WorkflowsAsync(Office office, Guid caseId)
    {
        var connector = await office.ConnectorAsync(
            new NewConnector("room", "chat", "https://chat.example", false)
        );
        (Secret By, string Sql)[] rows =
        [
            (
                office.Analyst.Token,
                "INSERT INTO psa.case_workflows SELECT access.organisation_id(), $1, gen_random_uuid(), 'flow', now()"
            ),
            (
                office.Analyst.Token,
                """
                INSERT INTO psa.case_workflow_requests
                SELECT gen_random_uuid(), access.organisation_id(), $1, gen_random_uuid(), kind, 'so', access.actor_id(), now()
                FROM unnest(ARRAY['cancel', 'migrate']) AS kind
                """
            ),
            (
                office.Analyst.Token,
                """
                INSERT INTO psa.case_workflow_events
                SELECT gen_random_uuid(), access.organisation_id(), $1, 'go', '7', access.actor_id(), now()
                """
            ),
            (
                office.Workflow,
                """
                INSERT INTO psa.severity_proposals
                SELECT gen_random_uuid(), access.organisation_id(), $1, severity, 'so', access.actor_id(), now()
                FROM generate_series(8, 9) AS severity
                """
            ),
            (
                office.Analyst.Token,
                """
                UPDATE psa.severity_proposals SET outcome = 'changed', settled_at = now()
                WHERE case_id = $1 AND severity = 9
                """
            ),
            (
                office.Workflow,
                $"""
                INSERT INTO psa.outbound_actions (id, organisation_id, case_id, connector_id, action, arguments,
                    asked_by, asked_at, deadline_at, next_attempt_at)
                SELECT gen_random_uuid(), access.organisation_id(), $1, '{connector.Id}', 'send', jsonb_build_object(),
                    access.actor_id(), now(), now() + interval '7 days', now()
                """
            ),
        ];
        foreach (var (by, sql) in rows)
            await office.ByHandAsync(by, sql, caseId);
    }

    static async Task NotesAsync(Office office, Guid caseId)
    {
        var by = office.Analyst.Token;
        var first = Office.Done(
            await office.CommentCase.RunAsync(by, caseId, "It came from Ghent", null, default)
        );
        Office.Done(
            await office.CommentCase.RunAsync(by, caseId, "From Bruges", first.Id, default)
        );
        Office.Done(await office.TagCase.RunAsync(by, caseId, "ssh", default));
        Office.Done(await office.TagCase.RunAsync(by, caseId, "telnet", default));
        Office.Done(await office.UntagCase.RunAsync(by, caseId, "telnet", "it was ssh", default));
        Office.Done(await office.WatchCase.RunAsync(by, caseId, null, default));
        Office.Done(await office.SetSeverity.RunAsync(by, caseId, 9, "It is the core", default));
        Office.Done(
            await new DisposeFindings(office.Database.Sentinel, TimeProvider.System).RunAsync(
                by,
                [Guid.CreateVersion7()],
                Disposition.FalsePositive,
                "a scanner of ours",
                default
            )
        );
    }

    static async Task RelationsAsync(Office office, Guid caseId, Guid otherId)
    {
        var by = office.Analyst.Token;
        foreach (var relationship in (Relationship[])[Relationship.Related, Relationship.Parent])
            Office.Done(
                await office.LinkCases.RunAsync(by, caseId, otherId, relationship, "one", default)
            );
        Office.Done(
            await office.UnlinkCases.RunAsync(
                by,
                caseId,
                otherId,
                Relationship.Related,
                "they are not",
                default
            )
        );
        Office.Done(
            await office.LinkCases.RunAsync(
                by,
                await office.CaseAsync(),
                await office.CaseAsync(),
                Relationship.Merged,
                "one matter",
                default
            )
        );
        var evidence = (await office.StoryAsync(caseId)).Evidence[0];
        Office.Done(
            await office.LinkEvidence.RunAsync(by, evidence.Id, LinkedEntity.Case, otherId, default)
        );
    }

    static async Task AssetsAsync(Office office, Guid caseId)
    {
        var (database, clock) = (office.Database.Sentinel, TimeProvider.System);
        foreach (var name in (string[])["db-01", "db-02"])
        {
            var asset = Office.Done(
                await new RegisterAsset(database, clock).RunAsync(
                    office.Administrator,
                    new NewAsset("server", name, $"rmm:{name}", [name], 9),
                    default
                )
            );
            Office.Done(
                await new LinkAsset(database).RunAsync(office.Analyst.Token, caseId, asset, default)
            );
        }
    }

    static async Task HoldsAsync(Office office)
    {
        var (database, clock) = (office.Database.Sentinel, TimeProvider.System);
        foreach (var reason in (string[])["Court order 7", "Court order 8"])
            Office.Done(
                await new PlaceHold(database, clock).RunAsync(
                    office.Manager.Token,
                    DateTimeOffset.UnixEpoch,
                    null,
                    reason,
                    default
                )
            );
    }

    static async Task<Office.Person> AccountsAsync(TrialOffice trial)
    {
        var office = trial.Office;
        var (database, clock) = (office.Database.Sentinel, TimeProvider.System);
        var desk = await office.HireAsync("desk", RoleSeeds.IncidentManager);
        var another = await office.HireAsync("ann", RoleSeeds.Administrator);
        foreach (
            var (by, holder) in ((Secret, Guid)[])
                [
                    (office.Administrator, trial.People[0].Id),
                    (another.Token, (await office.HireAsync("eve", RoleSeeds.Analyst)).Id),
                ]
        )
            Office.Done(
                await new HoldAccount(database, clock).RunAsync(
                    by,
                    desk.Id,
                    holder,
                    "night desk",
                    default
                )
            );
        var breaker = trial.People[1].Token;
        var glass = Office.Done(
            await new BreakGlass(database, clock).RunAsync(
                breaker,
                "asset.manage",
                60,
                "nobody is here",
                default
            )
        );
        Office.Done(await new MendGlass(database, clock).RunAsync(breaker, glass.Id, default));
        var spare = Office.Done(
            await new IssueCredential(database, clock).RunAsync(
                office.Administrator,
                new CredentialHolder.ForPerson(desk.Id),
                TimeSpan.FromHours(1),
                default
            )
        );
        Office.Done(
            await new RevokeCredential(database, clock).RunAsync(
                office.Administrator,
                spare.Id,
                "lost",
                default
            )
        );
        return desk;
    }
}
