using Sentinel.Postgres;
using Sentinel.Server.Database;

namespace Sentinel.Server.Api;

/// <summary>For those who start and restart servers; no credential, and nothing that helps an attacker.</summary>
static class HealthEndpoints
{
    const int AnswerSecondsMax = 5;

    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/health/live", () => Results.Ok(new HealthAnswer("live")));
        app.MapGet(
            "/health/ready",
            async (SentinelDatabase database, CancellationToken cancellation) =>
                await IsReadyAsync(database, cancellation)
                    ? Results.Ok(new HealthAnswer("ready"))
                    : Results.Problem(
                        "The database is not reachable, or lacks a migration.",
                        statusCode: 503
                    )
        );
    }

    static async Task<bool> IsReadyAsync(SentinelDatabase database, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(AnswerSecondsMax));
        try
        {
            return (await SentinelSchemas.PendingAsync(database, patience.Token)).Count == 0;
        }
        catch (Exception failure)
            when (failure is System.Data.Common.DbException or OperationCanceledException)
        {
            return false;
        }
    }
}

sealed record HealthAnswer(string Status);
