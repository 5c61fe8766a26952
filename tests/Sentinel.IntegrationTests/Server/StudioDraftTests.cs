using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Sentinel.IntegrationTests.Psa;
using Sentinel.Psa.Organisations;

namespace Sentinel.IntegrationTests.Server;

/// <summary>What Studio posts, and what might be posted in its place.</summary>
public class StudioDraftTests
{
    const string Flow =
        """{"id":"flow","type":"Elsa.Flowchart","activities":[{"id":"go","type":"Elsa.Start"}],"connections":[]}""";

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_was_overtaken_is_told_once_and_then_may_go_on()
    {
        await using var server = await RunningServer.StartAsync();
        var office = await Office.FoundAsync(server.Database, "Harbour");
        var dee = await office.HireAsync("dee", RoleSeeds.ProcessOwner);
        var eve = await office.HireAsync("eve", RoleSeeds.ProcessOwner);
        using var first = server.Client(dee.Token.Value);
        using var second = server.Client(eve.Token.Value);

        Assert.Equal(HttpStatusCode.OK, (await SaveAsync(first, "mine", publish: false)).Status);
        Assert.Equal(HttpStatusCode.OK, (await SaveAsync(second, "hers", publish: false)).Status);
        // Each sees their own drawing.
        Assert.Equal("mine", await NameAsync(first));
        Assert.Equal("hers", await NameAsync(second));

        var proposed = await SaveAsync(first, "mine", publish: true);
        Assert.Equal(HttpStatusCode.Conflict, proposed.Status);
        Assert.Contains("takes a second person", proposed.Said, StringComparison.Ordinal);
        var overtaken = await SaveAsync(second, "hers", publish: true);
        Assert.Contains("Version 1 was proposed since you began", overtaken.Said);
        Assert.Equal(1L, await VersionsAsync(server));
        var again = await SaveAsync(second, "hers", publish: true);
        Assert.Contains("Version 2 is proposed", again.Said, StringComparison.Ordinal);
        // Her own she cannot publish; he can.
        var own = await PublishAsync(second);
        Assert.Contains("did not propose", own.Said, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await PublishAsync(first)).Status);
        Assert.Equal("hers", await NameAsync(first));
    }

    [Fact]
    public async Task Whoever_may_not_draw_is_refused_and_nothing_is_kept()
    {
        await using var server = await RunningServer.StartAsync();
        var office = await Office.FoundAsync(server.Database, "Harbour");
        using var analyst = server.Client(office.Analyst.Token.Value);

        var saved = await SaveAsync(analyst, "mine", publish: false);

        Assert.Equal(HttpStatusCode.Forbidden, saved.Status);
        Assert.Contains("needs the permission workflow.publish", saved.Said);
    }

    [Theory]
    [InlineData("""{"model":5}""")]
    [InlineData("""{"model":{"definitionId":5,"root":{}}}""")]
    [InlineData("""{"model":{"definitionId":"a","definitionId":"b","root":{}}}""")]
    [InlineData("""{"model":{"definitionId":"../x","root":{}}}""")]
    [InlineData("""{"model":{"definitionId":"a","name":5,"root":7}}""")]
    [InlineData("""{"model":{"definitionId":"a","name":"\u0000","root":null}}""")]
    [InlineData("""{"model":{"definitionId":"a","name":"\ud800"}}""")]
    [InlineData(
        """{"model":{"definitionId":"a","variables":[1,null],"customProperties":{"tests":[4]},"root":{"id":5,"activities":[3,{"id":7},{}],"connections":[1,null,"x",{"source":4}]}}}"""
    )]
    public async Task Whatever_is_posted_breaks_no_page(string body)
    {
        await using var server = await RunningServer.StartAsync();
        using var client = server.Client(server.Administrator.Value);
        foreach (var _ in new[] { 1, 2 })
        {
            using var saved = await client.PostAsync(
                "/studio/api/workflow-definitions",
                new StringContent(body, Encoding.UTF8, "application/json"),
                Cancellation
            );
            Assert.True((int)saved.StatusCode is 200 or 400 or 422, $"{saved.StatusCode}");
            var isKept = saved.StatusCode == HttpStatusCode.OK;
            foreach (
                var (path, status) in new[]
                {
                    ("/studio", HttpStatusCode.OK),
                    ("/studio/api/workflow-definitions", HttpStatusCode.OK),
                    ("/studio/a/versions", isKept ? HttpStatusCode.OK : HttpStatusCode.NotFound),
                    (
                        "/studio/api/workflow-definitions/by-definition-id/a",
                        isKept ? HttpStatusCode.OK : HttpStatusCode.NotFound
                    ),
                }
            )
            {
                using var answer = await client.GetAsync(path, Cancellation);
                Assert.Equal(status, answer.StatusCode);
            }
        }
    }

    [Fact]
    public async Task Of_what_is_deleted_only_a_draft_goes_and_versions_stay()
    {
        await using var server = await RunningServer.StartAsync();
        var office = await Office.FoundAsync(server.Database, "Harbour");
        var dee = await office.HireAsync("dee", RoleSeeds.ProcessOwner);
        var eve = await office.HireAsync("eve", RoleSeeds.ProcessOwner);
        using var first = server.Client(dee.Token.Value);
        using var second = server.Client(eve.Token.Value);

        await SaveAsync(first, "never proposed", publish: false);
        var kept = await DeleteAsync(first, "workflow-definitions/a");
        Assert.Equal(HttpStatusCode.Conflict, kept.Status);
        Assert.Contains("never proposed", kept.Said, StringComparison.Ordinal);

        await SaveAsync(first, "proposed", publish: true);
        await PublishAsync(second);
        Assert.Equal(
            HttpStatusCode.Conflict,
            (await DeleteAsync(first, "workflow-definitions/a")).Status
        );
        await SaveAsync(first, "drawn on", publish: false);
        Assert.Equal("drawn on", await NameAsync(first));
        Assert.Equal(
            HttpStatusCode.NoContent,
            (await DeleteAsync(first, "workflow-definitions/a")).Status
        );
        Assert.Equal("proposed", await NameAsync(first));
        Assert.Equal(1L, await VersionsAsync(server));
        var version = await server.Database.AskAsSuperuserAsync<Guid>(
            "SELECT id FROM workflow.workflow_definitions"
        );
        Assert.Equal(
            HttpStatusCode.Conflict,
            (await DeleteAsync(second, $"workflow-definition-versions/{version}")).Status
        );
        Assert.Equal(
            HttpStatusCode.NotFound,
            (await DeleteAsync(second, $"workflow-definition-versions/{Guid.Empty}")).Status
        );
    }

    [Fact]
    public async Task Files_that_are_imported_become_drafts_and_bad_ones_are_named()
    {
        await using var server = await RunningServer.StartAsync();
        var office = await Office.FoundAsync(server.Database, "Harbour");
        var dee = await office.HireAsync("dee", RoleSeeds.ProcessOwner);
        using var client = server.Client(dee.Token.Value);
        using var form = new MultipartFormDataContent
        {
            {
                new StringContent($$"""{"definitionId":"a","name":"brought","root":{{Flow}}}"""),
                "files",
                "a.json"
            },
            { new StringContent("{oops"), "files", "b.json" },
            { new StringContent("[]"), "files", "c.json" },
        };

        using var answer = await client.PostAsync(
            "/studio/api/workflow-definitions/import-files",
            form,
            Cancellation
        );

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        var said = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.Contains("b.json is not JSON", said, StringComparison.Ordinal);
        Assert.Contains("c.json is no definition", said, StringComparison.Ordinal);
        Assert.Equal("brought", await NameAsync(client));

        using var broken = new StringContent("--x\r\nno form at all");
        broken.Headers.ContentType = new("multipart/form-data")
        {
            Parameters = { new("boundary", "x") },
        };
        using var refused = await client.PostAsync(
            "/studio/api/workflow-definitions/import-files",
            broken,
            Cancellation
        );
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
    }

    static async Task<(HttpStatusCode Status, string Said)> DeleteAsync(
        HttpClient client,
        string path
    )
    {
        using var answer = await client.DeleteAsync($"/studio/api/{path}", Cancellation);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
    }

    static async Task<(HttpStatusCode Status, string Said)> SaveAsync(
        HttpClient client,
        string name,
        bool publish
    )
    {
        using var answer = await client.PostAsJsonAsync(
            "/studio/api/workflow-definitions",
            new
            {
                model = new
                {
                    definitionId = "a",
                    name,
                    root = JsonSerializer.Deserialize<JsonElement>(Flow),
                },
                publish,
            },
            Cancellation
        );
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
    }

    static async Task<(HttpStatusCode Status, string Said)> PublishAsync(HttpClient client)
    {
        using var answer = await client.PostAsync(
            "/studio/api/workflow-definitions/a/publish",
            null,
            Cancellation
        );
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
    }

    static async Task<string?> NameAsync(HttpClient client) =>
        (
            await client.GetFromJsonAsync<JsonElement>(
                "/studio/api/workflow-definitions/by-definition-id/a?versionOptions=Latest",
                Cancellation
            )
        )
            .GetProperty("name")
            .GetString();

    static Task<long> VersionsAsync(RunningServer server) =>
        server.Database.AskAsSuperuserAsync<long>(
            "SELECT count(*) FROM workflow.workflow_definitions"
        );
}
