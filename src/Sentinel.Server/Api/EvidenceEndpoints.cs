using Sentinel.Psa.Audit;
using Sentinel.Psa.Evidence;

namespace Sentinel.Server.Api;

/// <summary>Bytes in under their hash, and out again with a line in the custody log.</summary>
static class EvidenceEndpoints
{
    public static void MapEvidence(this IEndpointRouteBuilder app)
    {
        app.MapPost(
            "/cases/{id:guid}/evidence",
            async (
                Guid id,
                string type,
                string title,
                Stream body,
                PresentedCredential by,
                AttachEvidence attach,
                CancellationToken cancellation
            ) =>
                (
                    await attach.RunAsync(
                        by.Secret,
                        new NewEvidence(id, type, title),
                        body,
                        cancellation
                    )
                ).ToHttp()
        );
        app.MapGet(
            "/evidence/{id:guid}",
            async (
                Guid id,
                PresentedCredential by,
                ReadEvidence read,
                CancellationToken cancellation
            ) => (await read.RunAsync(by.Secret, id, cancellation)).ToFile()
        );
    }

    // Never shown by a browser as what it claims to be: evidence may be hostile.
    static IResult ToFile(this Outcome<EvidenceContent> outcome) =>
        outcome is Outcome<EvidenceContent>.Done({ } content)
            ? Results.File(content.Content, "application/octet-stream", content.Item.Hash)
            : outcome.ToHttp();
}
