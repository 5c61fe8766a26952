using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.HttpResults;
using Sentinel.Psa.Automation;
using Sentinel.Server.Api;
using Sentinel.Workflows.Publication;

namespace Sentinel.Server.Studio;

/// <summary>How the draft of the signed-in person comes and goes: from files, from an older version, and back.</summary>
static class StudioDrafts
{
    const string StaysAsItIs =
        "A version is never deleted, because instances and audits refer to it: publish another in its place.";

    public static void MapStudioDrafts(this RouteGroupBuilder api)
    {
        api.MapPost(
            StudioDefinitions.Definitions + "/import",
            (JsonObject model, PresentedCredential by, StudioDesk desk, CancellationToken c) =>
                desk.SaveAsync(by.Secret, model, false, c)
        );
        api.MapPost(StudioDefinitions.Definitions + "/import-files", ImportAsync);
        api.MapDelete(StudioDefinitions.Definitions + "/{id}", DropAsync);
        api.MapDelete(
            "/workflow-definition-versions/{id:guid}",
            async (
                Guid id,
                PresentedCredential by,
                StudioDesk desk,
                DropDraft drop,
                CancellationToken c
            ) =>
                (await desk.ReadAsync(by.Secret, null, c)).FirstOrDefault(version =>
                    version.Entry.VersionId == id
                )
                    is not { } meant
                    ? StudioJson.No(404, "There is no such version of a workflow.")
                : meant.Entry.State == LibraryState.Draft
                    ? await DropAsync(meant.Entry.DefinitionId, by, desk, drop, c)
                : StudioJson.No(409, StaysAsItIs)
        );
        api.MapPost(StudioDefinitions.Definitions + "/{id}/revert/{version:int}", RevertAsync);
    }

    /// <summary>Of what is deleted only one's own draft goes: it is the newest version again.</summary>
    static async Task<IResult> DropAsync(
        string id,
        PresentedCredential by,
        StudioDesk desk,
        DropDraft drop,
        CancellationToken cancellation
    )
    {
        if (await desk.ChooseAsync(by.Secret, id, "Draft", cancellation) is null)
            return StudioJson.No(409, StaysAsItIs);
        return await drop.RunAsync(by.Secret, id, null, cancellation) switch
        {
            SaveOutcome.Refused refused => StudioJson.No(403, refused.Reason),
            SaveOutcome.Unusable => StudioJson.No(
                409,
                "It was never proposed, so there is no version to go back to: draw something else in it."
            ),
            _ => Results.NoContent(),
        };
    }

    /// <summary>Each file becomes one's draft, or is named with the reason.</summary>
    static async Task<IResult> ImportAsync(
        HttpRequest request,
        PresentedCredential by,
        StudioDesk desk,
        CancellationToken cancellation
    )
    {
        IFormFileCollection files;
        try
        {
            files = (await request.ReadFormAsync(cancellation)).Files;
        }
        catch (Exception none)
            when (none is InvalidOperationException or InvalidDataException or IOException)
        {
            return StudioJson.No(422, "Send the files as a form.");
        }
        List<string> problems = [];
        foreach (var file in files)
        {
            JsonNode? model = null;
            try
            {
                await using var content = file.OpenReadStream();
                model = await JsonNode.ParseAsync(
                    content,
                    documentOptions: new() { AllowDuplicateProperties = false },
                    cancellationToken: cancellation
                );
            }
            catch (JsonException problem)
            {
                problems.Add($"{file.FileName} is not JSON: {problem.Message}");
                continue;
            }
            if (model is not JsonObject definition)
                problems.Add($"{file.FileName} is no definition of a workflow.");
            else if (
                await desk.SaveAsync(by.Secret, definition, false, cancellation)
                is ProblemHttpResult refused
            )
                problems.Add($"{file.FileName}: {refused.ProblemDetails.Detail}");
        }
        return problems.Count > 0
            ? StudioJson.No(422, problems)
            : StudioJson.Answer(new { imported = files.Count });
    }

    static async Task<IResult> RevertAsync(
        string id,
        int version,
        PresentedCredential by,
        StudioDesk desk,
        DropDraft drop,
        CancellationToken cancellation
    )
    {
        var wanted = await desk.ChooseAsync(
            by.Secret,
            id,
            version.ToString(CultureInfo.InvariantCulture),
            cancellation
        );
        if (wanted is null)
            return StudioJson.No(404, $"There is no version {version} of {id}.");
        var outcome = await drop.RunAsync(by.Secret, id, wanted.Entry.VersionId, cancellation);
        if (outcome is SaveOutcome.Refused refused)
            return StudioJson.No(403, refused.Reason);
        var latest = await desk.ChooseAsync(by.Secret, id, "Latest", cancellation);
        return StudioJson.Answer(StudioDefinition.Summary(latest!.Entry, mayEdit: true));
    }
}
