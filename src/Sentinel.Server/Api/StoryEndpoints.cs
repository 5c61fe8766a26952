using Microsoft.AspNetCore.Mvc;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Bundles;
using Sentinel.Psa.Figures;
using Sentinel.Psa.Stories;

namespace Sentinel.Server.Api;

/// <summary>What the audit log tells: a case's story, the bundle that proves it, and figures over all.</summary>
static class StoryEndpoints
{
    public static void MapStories(this IEndpointRouteBuilder app)
    {
        app.MapGet(
            "/cases/{id:guid}/bundle",
            async (Guid id, PresentedCredential by, ExportCase export, CancellationToken c) =>
            {
                var outcome = await export.RunAsync(by.Secret, id, null, c);
                return outcome is Outcome<PackedCase>.Done(var packed)
                    ? Results.File(packed.Zip, "application/zip", packed.Name)
                    : outcome.ToHttp();
            }
        );
        app.MapGet(
            "/cases/{id:guid}/account",
            async (
                Guid id,
                [FromQuery(Name = "as_of")] DateTimeOffset? asOf,
                PresentedCredential by,
                TellCase tell,
                CancellationToken c
            ) => (await tell.RunAsync(by.Secret, id, asOf, c)).ToHttp()
        );
        app.MapGet(
            "/figures",
            async (
                [FromQuery(Name = "as_of")] DateTimeOffset? asOf,
                PresentedCredential by,
                ReportFigures report,
                CancellationToken c
            ) => (await report.RunAsync(by.Secret, asOf, c)).ToHttp()
        );
    }
}
