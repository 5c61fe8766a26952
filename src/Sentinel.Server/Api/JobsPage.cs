using System.Net.Http.Headers;
using System.Text;
using Hangfire;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;

namespace Sentinel.Server.Api;

/// <summary>
/// Hangfire's pages, read-only, for people who may see jobs. A browser asks for a name and a password:
/// the password is the token, and the name is not looked at.
/// </summary>
static class JobsPage
{
    public const string Path = "/jobs";

    public static void MapDashboard(this WebApplication app)
    {
        app.UseWhen(
            context => context.Request.Path.StartsWithSegments(Path),
            jobs =>
                jobs.Use(
                    async (context, next) =>
                    {
                        context.Response.Headers.CacheControl = "no-store";
                        if (await MayAsync(context))
                            await next();
                        else
                            Ask(context);
                    }
                )
        );
        app.UseHangfireDashboard(
            Path,
            new DashboardOptions
            {
                // Whoever comes this far was asked above.
                Authorization = [],
                IsReadOnlyFunc = _ => true,
                DashboardTitle = "Sentinel jobs",
                AppPath = null,
            }
        );
    }

    static async Task<bool> MayAsync(HttpContext context)
    {
        if (Token(context) is not { } token)
            return false;
        try
        {
            var database = context.RequestServices.GetRequiredService<SentinelDatabase>();
            return await Permissions.HasAsync(database, token, "jobs.view", context.RequestAborted);
        }
        catch (CredentialRefusedException)
        {
            return false;
        }
    }

    static Secret? Token(HttpContext context)
    {
        if (
            !AuthenticationHeaderValue.TryParse(
                context.Request.Headers.Authorization,
                out var header
            ) || header.Parameter is not { Length: > 0 } value
        )
            return null;
        if (string.Equals(header.Scheme, "Bearer", StringComparison.OrdinalIgnoreCase))
            return new Secret(value);
        if (!string.Equals(header.Scheme, "Basic", StringComparison.OrdinalIgnoreCase))
            return null;
        var decoded = new byte[value.Length];
        if (!Convert.TryFromBase64String(value, decoded, out var length))
            return null;
        var pair = Encoding.UTF8.GetString(decoded, 0, length).Split(':', 2);
        return pair is [_, { Length: > 0 } password] ? new Secret(password) : null;
    }

    static void Ask(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.Headers.WWWAuthenticate = "Basic realm=\"Sentinel: your token\"";
    }
}
