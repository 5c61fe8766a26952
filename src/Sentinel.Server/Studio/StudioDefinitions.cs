using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Sentinel.Psa.Automation;
using Sentinel.Psa.Stories;
using Sentinel.Server.Api;

namespace Sentinel.Server.Studio;

/// <summary>What Studio reads and saves: drafts of the signed-in person, and versions that never change.</summary>
static class StudioDefinitions
{
    /// <summary>The case for which Studio's run button starts a workflow; the page says it.</summary>
    public const string CaseHeader = "X-Sentinel-Case";

    public const string Definitions = "/workflow-definitions";

    public static void MapStudioDefinitions(this RouteGroupBuilder api)
    {
        api.MapGet(Definitions, ListAsync);
        api.MapGet(Definitions + "/by-definition-id/{id}", FindAsync);
        api.MapGet(
            Definitions + "/by-id/{id:guid}",
            async (Guid id, PresentedCredential by, StudioDesk desk, CancellationToken c) =>
                await desk.ShowAsync(by.Secret, version => version.Entry.VersionId == id, c)
        );
        api.MapGet(
            Definitions + "/{id}/export",
            async (
                string id,
                string? versionOptions,
                PresentedCredential by,
                StudioDesk desk,
                CancellationToken c
            ) =>
                await desk.ChooseAsync(by.Secret, id, versionOptions, c) is { } version
                    ? Results.File(
                        System.Text.Encoding.UTF8.GetBytes(version.Json),
                        "application/json",
                        $"{id}.json"
                    )
                    : Results.NotFound()
        );
        api.MapGet(
            Definitions + "/validation/is-name-unique",
            async (string? name, PresentedCredential by, StudioDesk desk, CancellationToken c) =>
                StudioJson.Answer(
                    new
                    {
                        isUnique = (await desk.ReadAsync(by.Secret, null, c)).All(version =>
                            version.Entry.Name != name
                        ),
                    }
                )
        );
        api.MapPost(Definitions, SaveAsync);
        api.MapPost(Definitions + "/{id}/publish", PublishAsync);
        api.MapPost(Definitions + "/{id}/execute", ExecuteAsync);
        api.MapPost(
            Definitions + "/{id}/retract",
            (string id, PresentedCredential _) =>
                StudioJson.No(
                    409,
                    $"A published version of {id} stays published: publish another in its place."
                )
        );
        api.MapPost(
            "/tests/activities",
            (PresentedCredential _) =>
                StudioJson.No(
                    409,
                    "No activity acts by itself: ./sentinel workflow run plays the whole drawing without side effects."
                )
        );
    }

    static async Task<IResult> ListAsync(
        string? versionOptions,
        string? searchTerm,
        int? page,
        int? pageSize,
        [FromQuery(Name = "definitionIds")] string[] definitionIds,
        [FromQuery(Name = "ids")] string[] ids,
        PresentedCredential by,
        StudioDesk desk,
        CancellationToken cancellation
    )
    {
        var all = (await desk.ReadAsync(by.Secret, null, cancellation))
            .Select(version => version.Entry)
            .Where(entry => IsMeant(entry, versionOptions ?? "Latest"))
            .Where(entry => definitionIds.Length == 0 || definitionIds.Contains(entry.DefinitionId))
            .Where(entry => ids.Length == 0 || ids.Contains(entry.VersionId.ToString()))
            .Where(entry =>
                string.IsNullOrWhiteSpace(searchTerm)
                || entry.Name.Contains(searchTerm, StringComparison.OrdinalIgnoreCase)
            )
            .ToList();
        var mayEdit = await desk.MayEditAsync(by.Secret, cancellation);
        var size = Math.Clamp(pageSize ?? 100, 1, 500);
        return StudioJson.Answer(
            new
            {
                items = all.Skip(Math.Max(page ?? 0, 0) * size)
                    .Take(size)
                    .Select(entry => StudioDefinition.Summary(entry, mayEdit)),
                totalCount = all.Count,
                links = Array.Empty<object>(),
            }
        );
    }

    static async Task<IResult> FindAsync(
        string id,
        string? versionOptions,
        PresentedCredential by,
        StudioDesk desk,
        CancellationToken cancellation
    ) =>
        await desk.ChooseAsync(by.Secret, id, versionOptions, cancellation) is { } version
            ? StudioJson.Answer(
                StudioDefinition.Of(version, await desk.MayEditAsync(by.Secret, cancellation))
            )
            : StudioJson.No(404, $"There is no workflow {id}.");

    internal static bool IsMeant(LibraryEntry entry, string versionOptions) =>
        versionOptions switch
        {
            "AllVersions" => true,
            "Published" => entry.InForce,
            "Draft" => entry.State == LibraryState.Draft,
            "LatestOrPublished" => entry.IsLatest || entry.InForce,
            _ when int.TryParse(versionOptions, CultureInfo.InvariantCulture, out var number) =>
                entry.Version == number,
            _ => entry.IsLatest,
        };

    static async Task<IResult> SaveAsync(
        JsonObject body,
        PresentedCredential by,
        StudioDesk desk,
        CancellationToken cancellation
    )
    {
        if (body["model"] is not JsonObject model)
            return StudioJson.No(422, "There is no model to save.");
        var publish = body["publish"]?.GetValueKind() == JsonValueKind.True;
        var saved = await desk.SaveAsync(by.Secret, model, publish, cancellation);
        return publish && saved is not ProblemHttpResult
            ? await desk.PublishAsync(by.Secret, model["definitionId"]!.ToString(), cancellation)
            : saved;
    }

    static Task<IResult> PublishAsync(
        string id,
        PresentedCredential by,
        StudioDesk desk,
        CancellationToken cancellation
    ) => desk.PublishAsync(by.Secret, id, cancellation);

    /// <summary>What is published is what runs, whatever is being drawn.</summary>
    static async Task<IResult> ExecuteAsync(
        string id,
        [FromHeader(Name = CaseHeader)] string? named,
        PresentedCredential by,
        ShowCase show,
        RunWorkflow run,
        HttpContext context,
        CancellationToken cancellation
    )
    {
        if (
            named is not { Length: > 0 }
            || await show.FindAsync(by.Secret, named, cancellation) is not { } caseId
        )
        {
            context.Response.Headers["x-elsa-workflow-cannot-start"] = "true";
            return StudioJson.Answer(new { });
        }
        var outcome = await run.RunAsync(
            by.Secret,
            caseId,
            id,
            new Dictionary<string, JsonElement>(),
            cancellation
        );
        return outcome.Match(
            instance =>
            {
                context.Response.Headers["x-elsa-workflow-instance-id"] = instance.ToString();
                return StudioJson.Answer(new { workflowState = new { id = instance } });
            },
            missing => StudioJson.No(404, $"There is no {missing}."),
            refusal => StudioJson.No(409, refusal.Reason)
        );
    }
}
