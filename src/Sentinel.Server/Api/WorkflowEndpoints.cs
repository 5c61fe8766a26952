using System.Text.Json;
using Sentinel.Psa.Automation;

namespace Sentinel.Server.Api;

/// <summary>The workflows that run for cases, their journals, and what people ask of them.</summary>
static class WorkflowEndpoints
{
    public static void MapWorkflows(this IEndpointRouteBuilder app)
    {
        app.MapGet(
            "/workflows",
            async (bool? failed, PresentedCredential by, ListWorkflows list, CancellationToken c) =>
                (await list.RunAsync(by.Secret, failed ?? false, c)).ToHttp()
        );
        app.MapGet(
            "/workflows/{id:guid}",
            async (Guid id, PresentedCredential by, ShowWorkflow show, CancellationToken c) =>
                (await show.RunAsync(by.Secret, id, c)).ToHttp()
        );
        app.MapPost(
            "/cases/{id:guid}/workflows",
            async (
                Guid id,
                WorkflowBody what,
                PresentedCredential by,
                RunWorkflow run,
                CancellationToken c
            ) => (await run.RunAsync(by.Secret, id, what.Workflow, what.Inputs ?? [], c)).ToHttp()
        );
        app.MapPost(
            "/cases/{id:guid}/events",
            async (
                Guid id,
                EventBody what,
                PresentedCredential by,
                RunWorkflow run,
                CancellationToken c
            ) => (await run.RaiseAsync(by.Secret, id, what.Name, what.Payload, c)).ToHttp()
        );
        app.MapPost(
            "/workflows/{id:guid}/cancel",
            async (
                Guid id,
                ReasonBody why,
                PresentedCredential by,
                SteerWorkflow steer,
                CancellationToken c
            ) => (await steer.CancelAsync(by.Secret, id, why.Reason, c)).ToHttp()
        );
        app.MapPost(
            "/workflows/{id:guid}/retry",
            async (
                Guid id,
                ReasonBody why,
                PresentedCredential by,
                SteerWorkflow steer,
                CancellationToken c
            ) => (await steer.RetryAsync(by.Secret, id, why.Reason, c)).ToHttp()
        );
        app.MapPost(
            "/workflows/{id:guid}/migrate",
            async (
                Guid id,
                ReasonBody why,
                PresentedCredential by,
                SteerWorkflow steer,
                CancellationToken c
            ) => (await steer.MigrateAsync(by.Secret, id, why.Reason, c)).ToHttp()
        );
    }
}

sealed record WorkflowBody(string Workflow, Dictionary<string, JsonElement>? Inputs);

sealed record EventBody(string Name)
{
    /// <summary>What is told; JSON null where nothing is.</summary>
    public JsonElement Payload { get; init; } = JsonSerializer.SerializeToElement<object?>(null);
}
