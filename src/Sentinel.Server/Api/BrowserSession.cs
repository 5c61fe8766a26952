using Sentinel.Postgres.Access;
using Sentinel.Psa.Organisations;

namespace Sentinel.Server.Api;

/// <summary>
/// A person signed in with a browser: the token lies in a cookie that scripts cannot read and that goes to
/// this server alone, for as long as the browser is open. What changes something must come from our pages.
/// </summary>
static class BrowserSession
{
    const string Cookie = "sentinel_session";

    public static void MapSession(this IEndpointRouteBuilder app)
    {
        app.MapPost(
            "/session",
            async (SignInBody body, WhoIsAsking who, HttpContext context, CancellationToken c) =>
            {
                var asking = await who.RunAsync(new Secret(body.Token.Trim()), c);
                context.Response.Cookies.Append(Cookie, body.Token.Trim(), Options(context));
                return Results.Ok(new { asking.Name, asking.Organisation });
            }
        );
        app.MapDelete(
            "/session",
            (PresentedCredential _, HttpContext context) =>
            {
                context.Response.Cookies.Delete(Cookie, Options(context));
                return Results.NoContent();
            }
        );
    }

    /// <summary>Null where nobody is signed in, or where another site's page makes the browser ask.</summary>
    public static Secret? Token(HttpContext context) =>
        context.Request.Cookies[Cookie]
            is { Length: > 0 and <= PresentedCredential.SecretCharsMax } value
        && (HttpMethods.IsGet(context.Request.Method) || IsOurPage(context.Request))
            ? new Secret(value)
            : null;

    // SameSite keeps the cookie from other sites already; this also keeps it from other ports of this host.
    static bool IsOurPage(HttpRequest request) =>
        request.Headers.Origin is [{ } origin]
        && Uri.TryCreate(origin, UriKind.Absolute, out var from)
        && string.Equals(from.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase);

    static CookieOptions Options(HttpContext context) =>
        new()
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Strict,
            Secure = context.Request.IsHttps,
            Path = "/",
        };
}

sealed record SignInBody(string Token);
