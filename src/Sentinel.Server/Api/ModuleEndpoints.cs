using Sentinel.Psa.Modules;
using Sentinel.Psa.Organisations;

namespace Sentinel.Server.Api;

/// <summary>Findings of other modules in, incidents out, and the credentials under which machines do it.</summary>
static class ModuleEndpoints
{
    // One more than is taken, so that what is too much is refused and not cut off.
    const int DeliveryBytesMax = 16 * 1024 * 1024 + 1;

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
                (
                    await receive.RunAsync(by.Secret, module, mapping, await BytesAsync(body, c), c)
                ).ToHttp()
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
                        PeopleEndpoints.DaysOf(valid),
                        c
                    )
                ).ToToken()
        );
    }

    static async Task<ReadOnlyMemory<byte>> BytesAsync(Stream body, CancellationToken cancellation)
    {
        var kept = new MemoryStream();
        var piece = new byte[64 * 1024];
        while (
            kept.Length < DeliveryBytesMax
            && await body.ReadAsync(piece, cancellation) is var read and > 0
        )
            kept.Write(piece, 0, read);
        return kept.GetBuffer().AsMemory(0, (int)kept.Length);
    }
}
