using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;

namespace Sentinel.Server.Api;

/// <summary>
/// Every no of the API is application/problem+json with a sentence. A broken program says so without
/// saying how it is made: the log has the rest, under the same trace id.
/// </summary>
sealed class ProblemAnswers(IProblemDetailsService problems) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(
        HttpContext context,
        Exception failure,
        CancellationToken cancellation
    )
    {
        var (status, sentence) = Translate(failure);
        if (status == StatusCodes.Status401Unauthorized)
            context.Response.Headers.WWWAuthenticate = "Bearer";
        context.Response.StatusCode = status;
        return await problems.TryWriteAsync(
            new ProblemDetailsContext
            {
                HttpContext = context,
                ProblemDetails = new ProblemDetails { Status = status, Detail = sentence },
            }
        );
    }

    static (int Status, string Sentence) Translate(Exception failure) =>
        failure switch
        {
            CredentialRefusedException refused => (401, refused.Message),
            BadHttpRequestException bad => (bad.StatusCode, bad.Message),
            OperationFailedException environment => (503, environment.Message),
            _ => (500, "Sentinel failed; the log has the details under the trace id."),
        };
}
