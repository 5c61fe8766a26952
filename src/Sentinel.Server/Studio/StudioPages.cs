using Microsoft.AspNetCore.Http.HttpResults;
using Sentinel.Psa.Automation;
using Sentinel.Psa.Organisations;
using Sentinel.Server.Api;
using Sentinel.Server.Studio.Pages;
using Sentinel.Workflows.Text;

namespace Sentinel.Server.Studio;

/// <summary>The plain pages around Elsa Studio: which workflows there are, the designer, versions, and runs.</summary>
static class StudioPages
{
    public const string Path = "/studio";

    // Studio is a program in WebAssembly that styles elements from its code; nothing comes from elsewhere.
    const string Studio =
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval' 'unsafe-inline'; "
        + "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
        + "worker-src 'self' blob:; connect-src 'self'; frame-ancestors 'none'; base-uri 'self'";

    internal const string Plain =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        + "frame-ancestors 'none'; base-uri 'self'; form-action 'self'";

    public static void MapStudio(this WebApplication app)
    {
        var api = app.MapGroup(Path + "/api");
        // Also what is the same for everybody is told only to somebody.
        api.AddEndpointFilter(
            async (asked, next) =>
            {
                var by = asked.Arguments.OfType<PresentedCredential>().Single();
                await asked
                    .HttpContext.RequestServices.GetRequiredService<WhoIsAsking>()
                    .RunAsync(by.Secret, asked.HttpContext.RequestAborted);
                return await next(asked);
            }
        );
        api.MapStudioDescriptors();
        api.MapStudioDefinitions();
        api.MapStudioDrafts();
        api.MapStudioRuns();
        app.MapGet(Path, LibraryAsync);
        app.MapGet(Path + "/runs", RunsAsync);
        app.MapGet(Path + "/runs/{id:guid}", RunAsync);
        app.MapGet(Path + "/{id}/edit", EditAsync);
        app.MapGet(Path + "/{id}/versions", VersionsAsync);
    }

    static async Task<IResult> LibraryAsync(
        HttpContext context,
        PresentedCredential by,
        StudioDesk desk,
        WhoIsAsking who,
        CancellationToken cancellation
    ) =>
        Page<LibraryPage>(
            context,
            Plain,
            new
            {
                Versions = (await desk.ReadAsync(by.Secret, null, cancellation))
                    .Select(version => version.Entry)
                    .ToList(),
                MayEdit = await desk.MayEditAsync(by.Secret, cancellation),
                Who = await who.RunAsync(by.Secret, cancellation),
            }
        );

    static async Task<IResult> EditAsync(
        string id,
        [Microsoft.AspNetCore.Mvc.FromQuery(Name = "case")] string? named,
        HttpContext context,
        PresentedCredential by,
        StudioDesk desk,
        WhoIsAsking who,
        CancellationToken cancellation
    )
    {
        var asking = await who.RunAsync(by.Secret, cancellation);
        if (await desk.ChooseAsync(by.Secret, id, "Latest", cancellation) is not { } latest)
            return Missing(context, $"There is no workflow {id}.", asking);
        return StudioFiles.Folder() is null
            ? Missing(
                context,
                "Elsa Studio is not part of this build: install npm and build again, or name its folder in SENTINEL_STUDIO.",
                asking
            )
            : Page<DesignerPage>(
                context,
                Studio,
                new
                {
                    latest.Entry,
                    Case = named,
                    MayEdit = await desk.MayEditAsync(by.Secret, cancellation),
                    Who = asking,
                }
            );
    }

    static async Task<IResult> VersionsAsync(
        string id,
        HttpContext context,
        PresentedCredential by,
        StudioDesk desk,
        WhoIsAsking who,
        CancellationToken cancellation
    )
    {
        var asking = await who.RunAsync(by.Secret, cancellation);
        var versions = await desk.ReadAsync(by.Secret, id, cancellation);
        return versions.Count == 0
            ? Missing(context, $"There is no workflow {id}.", asking)
            : Page<VersionsPage>(
                context,
                Plain,
                new
                {
                    Versions = versions,
                    Changes = versions
                        .Select(
                            (version, at) =>
                                DefinitionDifference.Between(
                                    at + 1 < versions.Count ? versions[at + 1].Json : null,
                                    version.Json
                                )
                        )
                        .ToList(),
                    Who = asking,
                }
            );
    }

    static async Task<IResult> RunsAsync(
        HttpContext context,
        PresentedCredential by,
        ListWorkflows list,
        WhoIsAsking who,
        CancellationToken cancellation
    )
    {
        var asking = await who.RunAsync(by.Secret, cancellation);
        return (await list.RunAsync(by.Secret, failed: false, cancellation)).Match<IResult>(
            runs => Page<RunsPage>(context, Plain, new { Runs = runs, Who = asking }),
            _ => Results.NotFound(),
            refusal => Missing(context, refusal.ToString(), asking, status: 403)
        );
    }

    static async Task<IResult> RunAsync(
        Guid id,
        HttpContext context,
        PresentedCredential by,
        ShowWorkflow show,
        WhoIsAsking who,
        CancellationToken cancellation
    )
    {
        var asking = await who.RunAsync(by.Secret, cancellation);
        return (await show.RunAsync(by.Secret, id, cancellation)).Match<IResult>(
            story => Page<RunPage>(context, Studio, new { Story = story, Who = asking }),
            missing => Missing(context, $"There is no {missing}.", asking),
            refusal => Missing(context, refusal.ToString(), asking, status: 403)
        );
    }

    static RazorComponentResult<MissingPage> Missing(
        HttpContext context,
        string sentence,
        Asking who,
        int status = StatusCodes.Status404NotFound
    )
    {
        var page = Page<MissingPage>(context, Plain, new { Sentence = sentence, Who = who });
        page.StatusCode = status;
        return page;
    }

    internal static RazorComponentResult<T> Page<T>(
        HttpContext context,
        string policy,
        object parameters
    )
        where T : Microsoft.AspNetCore.Components.IComponent
    {
        context.Response.Headers.ContentSecurityPolicy = policy;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers["Referrer-Policy"] = "same-origin";
        return new RazorComponentResult<T>(parameters);
    }
}
