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
        app.MapPost(
            "/evidence/{id:guid}/redactions",
            async (
                Guid id,
                string reason,
                Stream body,
                PresentedCredential by,
                RedactEvidence redact,
                CancellationToken cancellation
            ) => (await redact.RunAsync(by.Secret, id, reason, body, cancellation)).ToHttp()
        );
        app.MapHolds();
    }

    static void MapHolds(this IEndpointRouteBuilder app)
    {
        app.MapGet(
            "/holds",
            async (PresentedCredential by, ListHolds holds, CancellationToken cancellation) =>
                (await holds.RunAsync(by.Secret, cancellation)).ToHttp()
        );
        app.MapPost(
            "/holds",
            async (
                HoldBody body,
                PresentedCredential by,
                PlaceHold place,
                CancellationToken cancellation
            ) =>
                (
                    await place.RunAsync(
                        by.Secret,
                        body.From,
                        body.Until,
                        body.Reason,
                        cancellation
                    )
                ).ToHttp()
        );
        app.MapPost(
            "/holds/{id:guid}/lifting",
            async (
                Guid id,
                HoldEndBody body,
                PresentedCredential by,
                LiftHold lift,
                CancellationToken cancellation
            ) => (await lift.RunAsync(by.Secret, id, body.Reason, cancellation)).ToHttp()
        );
    }

    // Never shown by a browser as what it claims to be: evidence may be hostile.
    static IResult ToFile(this Outcome<EvidenceContent> outcome) =>
        outcome is Outcome<EvidenceContent>.Done({ } content)
            ? Results.File(content.Content, "application/octet-stream", content.Item.Hash)
            : outcome.ToHttp();
}

/// <param name="Until">Null for all that comes.</param>
sealed record HoldBody(DateTimeOffset From, DateTimeOffset? Until, string Reason);

sealed record HoldEndBody(string Reason);
