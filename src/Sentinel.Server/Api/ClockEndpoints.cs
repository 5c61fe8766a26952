using Sentinel.Psa.Sla;

namespace Sentinel.Server.Api;

/// <summary>The clocks of a case, and what policies wanted people told. How they stand is part of the case.</summary>
static class ClockEndpoints
{
    public static void MapClocks(this IEndpointRouteBuilder app)
    {
        app.MapPost(
            "/cases/{id:guid}/clocks/pause",
            async (
                Guid id,
                ReasonBody why,
                PresentedCredential by,
                PauseClocks clocks,
                CancellationToken c
            ) => (await clocks.PauseAsync(by.Secret, id, why.Reason, c)).ToHttp()
        );
        app.MapPost(
            "/cases/{id:guid}/clocks/resumption",
            async (
                Guid id,
                ReasonBody why,
                PresentedCredential by,
                PauseClocks clocks,
                CancellationToken c
            ) => (await clocks.ResumeAsync(by.Secret, id, why.Reason, c)).ToHttp()
        );
        app.MapPost(
            "/cases/{id:guid}/sla",
            async (
                Guid id,
                SlaBody to,
                PresentedCredential by,
                ChangeSla change,
                CancellationToken c
            ) => (await change.RunAsync(by.Secret, id, to.Name, to.Reason, c)).ToHttp()
        );
        app.MapGet(
            "/notices",
            async (Guid? before, PresentedCredential by, ListNotices list, CancellationToken c) =>
                (await list.RunAsync(by.Secret, before, c)).ToHttp()
        );
    }
}

sealed record SlaBody(string Name, string Reason);
