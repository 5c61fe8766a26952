using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Sentinel.IntegrationTests.Support;
using Sentinel.Postgres;
using Sentinel.Server;

namespace Sentinel.IntegrationTests.Server;

public sealed class ServerTests(SharedServer shared) : IClassFixture<SharedServer>
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ready_is_said_only_while_the_database_is_as_new_as_the_program()
    {
        await using var server = await RunningServer.StartAsync();
        using var client = server.Client();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, "/health/ready"));
        await server.Database.RunAsSuperuserAsync(
            """
            ALTER TABLE access.migrations DISABLE TRIGGER ALL;
            DELETE FROM access.migrations WHERE script LIKE 'siem/0001%'
            """
        );
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(client, "/health/ready"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, "/health/live"));
    }

    [Fact]
    public async Task No_route_but_health_opens_without_a_credential_that_is_known()
    {
        var server = shared.Server;
        // To sign in is to send the credential, and to sign out to forget it: SessionTests tries both.
        var routes = Routes(server.App)
            .Where(route => !route.Path.StartsWith("/health/") && route.Path != "/session")
            .ToList();
        Assert.NotEmpty(routes);
        foreach (var token in new[] { null, "", "sp_unknown" })
        {
            using var client = server.Client(token);
            foreach (var (method, path) in routes)
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), Filled(path));
                using var answer = await client.SendAsync(request, Cancellation);
                // An unknown token may meet an unreadable body first: both are a no.
                Assert.True(
                    answer.StatusCode == HttpStatusCode.Unauthorized
                        || (token?.Length > 0 && (int)answer.StatusCode is 400 or 415),
                    $"{method} {path} answered {answer.StatusCode} to token '{token}'"
                );
                Assert.Equal(
                    "application/problem+json",
                    answer.Content.Headers.ContentType?.MediaType
                );
            }
        }
    }

    [Fact]
    public async Task An_expired_credential_is_told_so()
    {
        await using var server = await RunningServer.StartAsync();
        await server.Database.RunAsSuperuserAsync(
            """
            SET session_replication_role = replica;
            ALTER TABLE psa.credentials DISABLE TRIGGER ALL;
            UPDATE psa.credentials SET created_at = now() - interval '2 days',
                expires_at = now() - interval '1 day'
            """
        );
        using var client = server.Client(server.Administrator.Value);
        using var answer = await client.PostAsync($"/cases/{Guid.Empty}/take", null, Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains("expired", await DetailAsync(answer));
    }

    [Fact]
    public async Task A_case_that_is_not_there_is_a_404_with_a_sentence()
    {
        var server = shared.Server;
        using var client = server.Client(server.Administrator.Value);
        using var answer = await client.PostAsync($"/cases/{Guid.Empty}/take", null, Cancellation);
        Assert.Contains((int)answer.StatusCode, (int[])[403, 404]);
        Assert.NotEmpty(await DetailAsync(answer));
    }

    [Theory]
    [InlineData("{\"text\":\"all done\",\"actor\":\"somebody else\"}")]
    [InlineData("{}")]
    [InlineData("{\"text\":")]
    public Task A_body_that_says_too_much_or_too_little_is_a_400(string body) =>
        BadAsync("attestation", body);

    [Theory]
    [InlineData("attestation", @"{""text"":""all\u0000done""}")]
    [InlineData("attestation", @"{""text"":""\ud800""}")]
    [InlineData("events", @"{""name"":""a\u0000b""}")]
    [InlineData("events", @"{""name"":""go"",""payload"":{""x"":[""\u0000""]}}")]
    [InlineData("events", @"{""name"":""go"",""payload"":{""\u0000"":1}}")]
    [InlineData("events", @"{""name"":""go"",""payload"":""\udc00""}")]
    [InlineData("events", @"{""name"":""go"",""payload"":{""a"":1,""a"":2}}")]
    [InlineData("workflows", @"{""workflow"":""w"",""inputs"":{""a\u0000"":1}}")]
    public Task Text_that_cannot_be_kept_is_a_400(string route, string body) =>
        BadAsync(route, body);

    async Task BadAsync(string route, string body)
    {
        var server = shared.Server;
        using var client = server.Client(server.Administrator.Value);
        using var answer = await client.PostAsync(
            $"/cases/{Guid.Empty}/{route}",
            new StringContent(body, Encoding.UTF8, "application/json"),
            Cancellation
        );
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task The_jobs_page_opens_for_an_administrator_and_for_nobody_else()
    {
        var server = shared.Server;
        using var client = server.Client();
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(client, "/jobs"));
        client.DefaultRequestHeaders.Authorization = Basic("sp_guessed");
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(client, "/jobs"));
        client.DefaultRequestHeaders.Authorization = Basic(server.Administrator.Value);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, "/jobs"));
    }

    [Fact]
    public async Task A_port_in_use_is_one_sentence()
    {
        var server = shared.Server;
        var failure = await Assert.ThrowsAsync<OperationFailedException>(() =>
            SentinelServer.RunAsync(server.Running, server.Url, _ => { }, Cancellation)
        );
        Assert.Contains("--urls", failure.Message);
    }

    [Fact]
    public void The_routes_are_the_approved_ones() =>
        Approved.Check("routes", Lines(shared.Server.App));

    [Fact]
    public async Task A_route_that_nobody_approved_is_caught_and_so_is_one_that_is_gone()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRoutingCore();
        await using var another = builder.Build();
        another.MapGet("/cases", () => "approved");
        another.MapDelete("/cases/{id:guid}", () => "nobody asked for this");

        Assert.Equal(
            ["+ DELETE /cases/{id:guid}", "- GET /findings"],
            Approved.Differences(["GET /cases", "GET /findings"], Lines(another))
        );
    }

    static List<string> Lines(WebApplication app) =>
        [.. Routes(app).Select(route => $"{route.Method} {route.Path}")];

    static List<(string Method, string Path)> Routes(WebApplication app) =>
        [
            .. ((IEndpointRouteBuilder)app)
                .DataSources.SelectMany(source => source.Endpoints)
                .OfType<RouteEndpoint>()
                .SelectMany(endpoint =>
                    endpoint
                        .Metadata.GetMetadata<HttpMethodMetadata>()!
                        .HttpMethods.Select(method => (method, endpoint.RoutePattern.RawText!))
                )
                .Distinct()
                .OrderBy(route => route.Item2, StringComparer.Ordinal)
                .ThenBy(route => route.method, StringComparer.Ordinal),
        ];

    static string Filled(string path) =>
        path.Replace(":guid}", "}")
            .Replace("{version:int}", "1")
            .Replace("{id}", Guid.Empty.ToString())
            .Replace("{organisation}", Guid.Empty.ToString());

    static AuthenticationHeaderValue Basic(string token) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes("me:" + token)));

    static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path, Cancellation);
        return answer.StatusCode;
    }

    static async Task<string> DetailAsync(HttpResponseMessage answer)
    {
        var problem = await JsonDocument.ParseAsync(
            await answer.Content.ReadAsStreamAsync(Cancellation),
            default,
            Cancellation
        );
        return problem.RootElement.GetProperty("detail").GetString()!;
    }
}
