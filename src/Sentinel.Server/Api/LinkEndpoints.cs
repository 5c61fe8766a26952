using Sentinel.Psa.Assets;
using Sentinel.Psa.Relations;

namespace Sentinel.Server.Api;

/// <summary>What belongs together: cases with cases, with assets, and evidence with what it proves.</summary>
static class LinkEndpoints
{
    public static void MapLinks(this IEndpointRouteBuilder app)
    {
        app.MapPost(
            "/cases/{id:guid}/links",
            async (
                Guid id,
                LinkBody to,
                PresentedCredential by,
                LinkCases link,
                CancellationToken c
            ) =>
                (
                    await link.RunAsync(
                        by.Secret,
                        to.ParentCaseId,
                        id,
                        to.Relationship,
                        to.Reason,
                        c
                    )
                ).ToHttp()
        );
        app.MapPost(
            "/cases/{id:guid}/links/removal",
            async (
                Guid id,
                UnlinkBody from,
                PresentedCredential by,
                UnlinkCases unlink,
                CancellationToken c
            ) =>
                (
                    await unlink.RunAsync(
                        by.Secret,
                        id,
                        from.CaseId,
                        from.Relationship,
                        from.Reason,
                        c
                    )
                ).ToHttp()
        );
    }

    public static void MapCaseAssets(this IEndpointRouteBuilder app)
    {
        app.MapPost(
            "/cases/{id:guid}/assets",
            async (
                Guid id,
                AssetBody what,
                PresentedCredential by,
                LinkAsset link,
                CancellationToken c
            ) => (await link.RunAsync(by.Secret, id, what.AssetId, c)).ToHttp()
        );
        app.MapPost(
            "/cases/{id:guid}/assets/removal",
            async (
                Guid id,
                NoAssetBody what,
                PresentedCredential by,
                UnlinkAsset unlink,
                CancellationToken c
            ) => (await unlink.RunAsync(by.Secret, id, what.AssetId, what.Reason, c)).ToHttp()
        );
    }

    public static void MapEvidenceLinks(this IEndpointRouteBuilder app)
    {
        app.MapPost(
            "/evidence/{id:guid}/links",
            async (
                Guid id,
                ProofBody of,
                PresentedCredential by,
                LinkEvidence link,
                CancellationToken c
            ) => (await link.RunAsync(by.Secret, id, of.LinkedEntity, of.LinkedId, c)).ToHttp()
        );
    }
}

/// <summary>The case of the address is the child: part of, related to, following or merged into the other.</summary>
sealed record LinkBody(Guid ParentCaseId, Relationship Relationship, string? Reason);

sealed record UnlinkBody(Guid CaseId, Relationship Relationship, string Reason);

sealed record AssetBody(Guid AssetId);

sealed record NoAssetBody(Guid AssetId, string Reason);

sealed record ProofBody(LinkedEntity LinkedEntity, Guid LinkedId);
