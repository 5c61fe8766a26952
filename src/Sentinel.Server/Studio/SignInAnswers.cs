using Microsoft.AspNetCore.Diagnostics;
using Sentinel.Postgres.Access;
using Sentinel.Server.Studio.Pages;

namespace Sentinel.Server.Studio;

/// <summary>Where a browser asks for a page without a credential that opens it: the page to sign in, as a 401.</summary>
sealed class SignInAnswers : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(
        HttpContext context,
        Exception failure,
        CancellationToken cancellation
    )
    {
        if (
            failure is not CredentialRefusedException refused
            || !context.Request.Path.StartsWithSegments(StudioPages.Path)
            || !context
                .Request.Headers.Accept.ToString()
                .Contains("text/html", StringComparison.Ordinal)
        )
            return false;
        var page = StudioPages.Page<SignInPage>(
            context,
            StudioPages.Plain,
            new { Reason = refused.Message }
        );
        page.StatusCode = StatusCodes.Status401Unauthorized;
        await page.ExecuteAsync(context);
        return true;
    }
}
