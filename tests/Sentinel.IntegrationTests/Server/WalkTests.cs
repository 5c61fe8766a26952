using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Sentinel.IntegrationTests.Server;

/// <summary>The walk over HTTP: workers carry it from stage to stage, people take the steps.</summary>
public sealed class WalkTests
{
    const int WaitSecondsMax = 60;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_guess_that_worked_becomes_a_case_that_people_work_and_close()
    {
        await using var server = await RunningServer.StartAsync(withPolicies: true);
        using var administrator = server.Client(server.Administrator.Value);
        using var analyst = server.Client(await HireAsync(administrator, "Analyst", "analyst"));
        using var manager = server.Client(
            await HireAsync(administrator, "Manager", "incident_manager")
        );

        var (counts, again) = await SendTwiceAsync(administrator);
        Assert.Equal(11, counts.GetProperty("events").GetInt32());
        Assert.Equal(0, again.GetProperty("events").GetInt32());
        Assert.Equal(11, again.GetProperty("duplicates").GetInt32());

        var found = await UntilAsync(
            analyst,
            "/findings?state=escalated",
            list =>
                list.EnumerateArray().Any(f => f.GetProperty("type").ValueEquals("account_taken"))
        );
        var finding = found
            .EnumerateArray()
            .First(f => f.GetProperty("type").ValueEquals("account_taken"));
        var why = await analyst.GetFromJsonAsync<JsonElement>(
            $"/findings/{finding.GetProperty("id")}/explanation",
            Cancellation
        );
        Assert.Equal(11, why.GetProperty("seen").GetArrayLength());

        var caseId = finding.GetProperty("psa_case_id").GetGuid();
        await PostAsync(analyst, $"/cases/{caseId}/take");
        await WorkAsync(analyst, manager, caseId);
        await PostAsync(
            analyst,
            $"/cases/{caseId}/disposition",
            new { disposition = "true_positive", reason = "The owner was asleep." }
        );
        await PostAsync(analyst, $"/cases/{caseId}/resolution");
        var statement = new { text = "Resolved as it stands." };
        await RefusedAsync(analyst, $"/cases/{caseId}/attestation", statement);
        await RefusedAsync(analyst, $"/cases/{caseId}/closure");
        await PostAsync(manager, $"/cases/{caseId}/attestation", statement);
        var closed = await PostAsync(manager, $"/cases/{caseId}/closure");
        Assert.Equal("closed", closed.GetProperty("case").GetProperty("status").GetString());
        var verified = await manager.GetFromJsonAsync<JsonElement>(
            $"/cases/{caseId}/verification",
            Cancellation
        );
        Assert.True(verified.GetProperty("is_sound").GetBoolean());
    }

    /// <summary>Tasks as they are there, then the questions; the workflow makes more of both.</summary>
    static async Task WorkAsync(HttpClient analyst, HttpClient manager, Guid caseId)
    {
        var ended = false;
        while (!ended)
        {
            var story = await UntilAsync(
                analyst,
                $"/cases/{caseId}",
                now => Open(now, "tasks", "pending").Any() || Open(now, "approvals", "asked").Any()
            );
            foreach (var task in Open(story, "tasks", "pending"))
            {
                await PostAsync(analyst, $"/tasks/{task}/start");
                await PostAsync(
                    analyst,
                    $"/tasks/{task}/actions",
                    new { action_type = "called", description = "Called the owner." }
                );
                await PostAsync(analyst, $"/tasks/{task}/complete", new { text = "contained" });
            }
            foreach (var question in Open(story, "approvals", "asked"))
            {
                await PostAsync(
                    manager,
                    $"/approvals/{question}/decision",
                    new { decision = "approve", reason = "The work is done." }
                );
                ended = true;
            }
        }
    }

    static List<Guid> Open(JsonElement story, string kind, string status) =>
        [
            .. story
                .GetProperty(kind)
                .EnumerateArray()
                .Where(one => one.GetProperty("status").ValueEquals(status))
                .Select(one => one.GetProperty("id").GetGuid()),
        ];

    static async Task<(JsonElement First, JsonElement Again)> SendTwiceAsync(HttpClient client)
    {
        // Of now: what comes live with an old time is a clock that drifts, and counts for less.
        var start = TimeProvider.System.GetUtcNow().AddMinutes(-2);
        string At(int seconds) => start.AddSeconds(seconds).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");
        var lines = Enumerable
            .Range(0, 10)
            .Select(i =>
                $"{At(i * 4)} gateway sshd[{900 + i}]: "
                + $"Failed password for root from 198.51.100.23 port {52000 + i} ssh2"
            )
            .Append(
                $"{At(50)} gateway sshd[931]: "
                    + "Accepted password for root from 198.51.100.23 port 52099 ssh2"
            );
        var body = string.Join('\n', lines);
        return (await SendAsync(client, body), await SendAsync(client, body));
    }

    static async Task<JsonElement> SendAsync(HttpClient client, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/events?source=gateway")
        {
            Content = new StringContent(body, Encoding.UTF8, "text/plain"),
        };
        request.Headers.Add("Idempotency-Key", "walk-1");
        using var answer = await client.SendAsync(request, Cancellation);
        return await JsonAsync(answer);
    }

    static async Task<string> HireAsync(HttpClient administrator, string name, string role)
    {
        var id = await PostAsync(
            administrator,
            "/users",
            new
            {
                email = name.ToLowerInvariant() + "@example.org",
                display_name = name,
                roles = new[] { role },
            }
        );
        var credential = await PostAsync(
            administrator,
            $"/users/{id.GetGuid()}/credentials",
            new { days = 1 }
        );
        return credential.GetProperty("token").GetString()!;
    }

    static async Task<JsonElement> PostAsync(HttpClient client, string path, object? body = null)
    {
        using var answer = await client.PostAsJsonAsync(path, body ?? new { }, Cancellation);
        return await JsonAsync(answer);
    }

    static async Task RefusedAsync(HttpClient client, string path, object? body = null)
    {
        using var answer = await client.PostAsJsonAsync(path, body ?? new { }, Cancellation);
        Assert.Contains(
            answer.StatusCode,
            new[] { HttpStatusCode.Forbidden, HttpStatusCode.Conflict }
        );
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.NotEmpty(problem.GetProperty("rule").GetString()!);
        Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
    }

    static async Task<JsonElement> JsonAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>Asks until workers have come so far; there is nothing else to wait for.</summary>
    static async Task<JsonElement> UntilAsync(
        HttpClient client,
        string path,
        Func<JsonElement, bool> holds
    )
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(WaitSecondsMax));
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        JsonElement now;
        do now = await client.GetFromJsonAsync<JsonElement>(path, patience.Token);
        while (!holds(now) && await pause.WaitForNextTickAsync(patience.Token));
        return now;
    }
}
