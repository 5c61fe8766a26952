using System.Net;
using System.Net.Http.Headers;
using Npgsql;
using Sentinel.IntegrationTests.Psa;
using Sentinel.IntegrationTests.Server;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Glass;
using Sentinel.Psa.Organisations;

namespace Sentinel.IntegrationTests.Governance;

/// <summary>
/// Every route there is, with every kind of id that another organisation has, under credentials that may do
/// everything in their own: nothing comes back, and nothing of the other's changes.
/// </summary>
public sealed class RouteTenantTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_route_tells_or_changes_anything_of_another_organisation()
    {
        await using var server = await RunningServer.StartAsync();
        var harbour = await Office.FoundAsync(server.Database, "Harbour");
        var ids = await FillAsync(harbour);
        var quarry = await Office.FoundAsync(server.Database, "Quarry");
        var everything = await quarry.HireAsync("all", [.. RoleSeeds.Roles.Keys]);
        var before = await StateAsync(server, harbour.OrganisationId);

        var leaks = await TryAllAsync(server, ids, [everything.Token, quarry.Administrator]);

        Assert.Empty(leaks);
        Assert.Equal(before, await StateAsync(server, harbour.OrganisationId));

        // The guard itself: with one policy too many, the same tries find it.
        await server.Database.RunAsSuperuserAsync(
            "CREATE POLICY open ON psa.cases TO psa USING (true) WITH CHECK (true)"
        );
        Assert.NotEmpty(await TryAllAsync(server, ids, [everything.Token]));
    }

    static async Task<IReadOnlyList<string>> TryAllAsync(
        RunningServer server,
        IReadOnlyDictionary<string, Guid> ids,
        IReadOnlyList<Secret> tokens
    )
    {
        List<string> leaks = [];
        using var client = server.Client();
        foreach (var token in tokens)
        foreach (
            var route in TriedRoute
                .Of(server.App)
                // What a connector signs has no credential: ConnectorTests tries it with others' secrets. The
                // session's credential is its body.
                .Where(one =>
                    !one.Path.StartsWith("/health/")
                    && !one.Path.EndsWith("/outcome")
                    && one.Path != "/session"
                )
        )
        foreach (var (kind, id) in ids)
        {
            using var request = route.With(id);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Value);
            using var answer = await client.SendAsync(request, Cancellation);
            var text = await answer.Content.ReadAsStringAsync(Cancellation);
            if (
                answer.StatusCode
                is HttpStatusCode.BadRequest
                    or HttpStatusCode.UnsupportedMediaType
            )
                leaks.Add($"{route.Method} {route.Path} was not really tried: {text}");
            else if (answer.StatusCode == HttpStatusCode.Unauthorized)
                leaks.Add($"{route.Method} {route.Path} did not know the credential: {text}");
            else if ((int)answer.StatusCode >= 500)
                leaks.Add($"{route.Method} {route.Path} with a {kind} broke: {text}");
            else if (route.NamesSomething && answer.IsSuccessStatusCode)
                leaks.Add($"{route.Method} {route.Path} took a {kind} of another: {text}");
            else if (
                text.Contains("Harbour", StringComparison.Ordinal)
                || ids.Values.Any(one =>
                    one != id && text.Contains(one.ToString(), StringComparison.Ordinal)
                )
            )
                leaks.Add($"{route.Method} {route.Path} tells of another: {text}");
        }
        return leaks;
    }

    /// <summary>One of everything that has an id and a route.</summary>
    static async Task<IReadOnlyDictionary<string, Guid>> FillAsync(Office office)
    {
        var closed = await office.ClosedCaseAsync();
        var caseId = await office.CaseAsync();
        var story = await office.StoryAsync(caseId);
        var asked = Office.Done(
            await office.AskApproval.RunAsync(
                office.Analyst.Token,
                caseId,
                null,
                "Harbour?",
                Cancellation
            )
        );
        await office.DeputiseAsync(office.Manager, office.Analyst);
        var glass = Office.Done(
            await new BreakGlass(office.Database.Sentinel, TimeProvider.System).RunAsync(
                office.Analyst.Token,
                "asset.manage",
                60,
                "Harbour burns",
                Cancellation
            )
        );
        await office.Database.RunAsSuperuserAsync(
            $"""
            ALTER TABLE siem.siem_findings DISABLE TRIGGER ALL;
            INSERT INTO siem.siem_findings
            SELECT '{office.OrganisationId}', gen_random_uuid(), 'brute_force', 5, 50, 'new', now(), NULL,
                'Harbour was guessed', '[]', ARRAY[]::uuid[], gen_random_uuid(), gen_random_uuid(),
                repeat('0', 64), gen_random_uuid();
            ALTER TABLE siem.siem_findings ENABLE TRIGGER ALL;
            """
        );
        return new Dictionary<string, Guid>
        {
            ["closed case"] = closed,
            ["case"] = caseId,
            ["task"] = story.Tasks[0].Id,
            ["evidence item"] = story.Evidence[0].Id,
            ["approval"] = asked.Id,
            ["person"] = office.Analyst.Id,
            ["glass"] = glass.Id,
            ["delegation"] = await OneAsync(office, "psa.delegations"),
            ["credential"] = await OneAsync(office, "psa.credentials"),
            ["finding"] = await OneAsync(office, "siem.siem_findings"),
        };
    }

    static Task<Guid> OneAsync(Office office, string table) =>
        office.Database.AskAsSuperuserAsync<Guid>(
            $"SELECT id FROM {table} WHERE organisation_id = '{office.OrganisationId}' LIMIT 1"
        );

    /// <summary>Every row of the organisation, in every table that has one, as one text.</summary>
    static async Task<string> StateAsync(RunningServer server, Guid organisationId)
    {
        await using var source = NpgsqlDataSource.Create(server.Database.SuperuserConnectionString);
        await using var command = source.CreateCommand(
            """
            SELECT string_agg(format('%s %s', c.oid::regclass, (xpath('/row/state/text()', query_to_xml(format(
                'SELECT count(*) || '' '' || coalesce(md5(string_agg(t::text, '''' ORDER BY t::text)), '''')
                    AS state FROM %s t WHERE organisation_id = %L', c.oid::regclass, $1),
                false, true, '')))[1]), E'\n' ORDER BY c.oid::regclass::text)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organisation_id'
            WHERE n.nspname IN ('psa', 'siem', 'policy', 'workflow') AND c.relkind IN ('r', 'p')
              AND NOT c.relispartition
            """
        );
        command.Parameters.AddWithValue(organisationId);
        return (string)(await command.ExecuteScalarAsync(Cancellation))!;
    }
}
