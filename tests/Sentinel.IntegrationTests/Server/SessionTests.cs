using System.Net;
using System.Net.Http.Json;

namespace Sentinel.IntegrationTests.Server;

/// <summary>A browser's session: a cookie of this site alone, and no page of another site can use it.</summary>
public sealed class SessionTests(SharedServer shared) : IClassFixture<SharedServer>
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_cookie_opens_pages_and_only_our_own_pages_change_something()
    {
        using var client = shared.Server.Client();
        using var signedIn = await client.PostAsJsonAsync(
            "/session",
            new { token = shared.Server.Administrator.Value },
            Cancellation
        );
        var cookie = Assert.Single(signedIn.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("expires", cookie, StringComparison.OrdinalIgnoreCase);

        Assert.Equal(HttpStatusCode.OK, await AskAsync(HttpMethod.Get, "/studio", null));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(HttpMethod.Get, "/cases", null));
        Assert.Equal(HttpStatusCode.NoContent, await AskAsync(HttpMethod.Delete, "/session", Own));
        foreach (
            var other in new[] { null, "null", "http://example.org", Own + "1", "http://127.0.0.1" }
        )
            Assert.Equal(
                HttpStatusCode.Unauthorized,
                await AskAsync(HttpMethod.Delete, "/session", other)
            );

        async Task<HttpStatusCode> AskAsync(HttpMethod method, string path, string? origin)
        {
            using var request = new HttpRequestMessage(method, path);
            request.Headers.Add("Cookie", cookie.Split(';')[0]);
            if (origin is not null)
                request.Headers.Add("Origin", origin);
            using var answer = await client.SendAsync(request, Cancellation);
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task A_token_that_nobody_has_signs_nobody_in_and_a_page_asks_for_one()
    {
        using var client = shared.Server.Client();
        using var refused = await client.PostAsJsonAsync(
            "/session",
            new { token = "sp_unknown" },
            Cancellation
        );
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.False(refused.Headers.Contains("Set-Cookie"));

        using var request = new HttpRequestMessage(HttpMethod.Get, "/studio");
        request.Headers.Add("Accept", "text/html");
        using var page = await client.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, page.StatusCode);
        Assert.Contains(
            "Your token",
            await page.Content.ReadAsStringAsync(Cancellation),
            StringComparison.Ordinal
        );
    }

    string Own => shared.Server.Url;
}
