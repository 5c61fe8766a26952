using Sentinel.Psa.Modules;
using Sentinel.Psa.Organisations;

namespace Sentinel.Server.Api;

/// <summary>Findings of other modules in, incidents out, and the credentials under which machines do it.</summary>
static class ModuleEndpoints
{
    const int DeliveryBytesMax = 16 * 1024 * 1024;

    public static void MapModules(this IEndpointRouteBuilder app)
    {
        app.MapPost(
            "/modules/{module}/findings",
            async (
                string module,
                string? mapping,
                Stream body,
                PresentedCredential by,
                ReceiveFindings receive,
                CancellationToken c
            ) =>
                await BoundedBody.ReadAsync(body, DeliveryBytesMax, c) is { } bytes
                    ? (await receive.RunAsync(by.Secret, module, mapping, bytes, c)).ToHttp()
                    : HttpAnswers.Refused(
                        "delivery.size",
                        $"a delivery has at most {DeliveryBytesMax} bytes",
                        "whoever sends it, in several deliveries"
                    )
        );
        app.MapGet(
            "/cases/{id:guid}/deliveries",
            async (Guid id, PresentedCredential by, ListDeliveries list, CancellationToken c) =>
                (await list.RunAsync(by.Secret, id, c)).ToHttp()
        );
        app.MapGet(
            "/cases/{id:guid}/ocsf",
            async (Guid id, PresentedCredential by, TellIncident tell, CancellationToken c) =>
                (await tell.RunAsync(by.Secret, id, c)).ToHttp()
        );
        app.MapPost(
            "/machines/{name}/credentials",
            async (
                string name,
                ValidityBody valid,
                PresentedCredential by,
                IssueCredential issue,
                CancellationToken c
            ) =>
                (
                    await issue.RunAsync(
                        by.Secret,
                        new CredentialHolder.ForMachine(name),
                        PeopleEndpoints.DaysOf(valid.Days),
                        c
                    )
                ).ToToken()
        );
    }
}
