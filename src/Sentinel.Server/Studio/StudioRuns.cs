using System.Text.Json.Nodes;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Automation;
using Sentinel.Server.Api;

namespace Sentinel.Server.Studio;

/// <summary>What Studio's viewer asks of a workflow that runs: where it stands, its journal, each activity.</summary>
static class StudioRuns
{
    const int RowsMax = 1_000;

    public static void MapStudioRuns(this RouteGroupBuilder api)
    {
        api.MapPost(
            "/workflow-instances",
            async (PresentedCredential by, ListWorkflows list, CancellationToken c) =>
                (await list.RunAsync(by.Secret, failed: false, c)).Match(
                    all => StudioJson.Items([.. all.Select(StudioRun.Summary)]),
                    _ => StudioJson.Items([]),
                    refusal => StudioJson.No(403, refusal.Reason)
                )
        );
        api.MapGet(
            "/workflow-instances/{id:guid}",
            (Guid id, PresentedCredential by, RunDesk desk, CancellationToken c) =>
                desk.TellAsync(by.Secret, id, run => run.Instance(), c)
        );
        api.MapGet(
            "/workflow-instances/{id:guid}/execution-state",
            (Guid id, PresentedCredential by, RunDesk desk, CancellationToken c) =>
                desk.TellAsync(by.Secret, id, run => run.ExecutionState(), c)
        );
        api.MapGet(
            "/workflow-instances/{id:guid}/variables",
            (Guid id, PresentedCredential by, RunDesk desk, CancellationToken c) =>
                desk.TellAsync(by.Secret, id, run => run.Variables(), c)
        );
        api.MapPost(
            "/workflow-instances/{id:guid}/journal",
            (
                Guid id,
                JsonObject? body,
                int? skip,
                int? take,
                PresentedCredential by,
                RunDesk desk,
                CancellationToken c
            ) =>
                desk.TellAsync(
                    by.Secret,
                    id,
                    run =>
                        run.Journal(
                            Texts(body?["filter"]?["activityNodeIds"]),
                            Math.Max(skip ?? 0, 0),
                            Math.Clamp(take ?? RowsMax, 1, RowsMax)
                        ),
                    c
                )
        );
        api.MapPost(
            "/cancel/workflow-instances/{id:guid}",
            async (Guid id, PresentedCredential by, SteerWorkflow steer, CancellationToken c) =>
                (await steer.CancelAsync(by.Secret, id, "Cancelled in Elsa Studio.", c)).Match(
                    _ => Results.Ok(),
                    missing => StudioJson.No(404, $"There is no {missing}."),
                    refusal => StudioJson.No(403, refusal.Reason)
                )
        );
        api.MapActivityExecutions();
    }

    static void MapActivityExecutions(this RouteGroupBuilder api)
    {
        foreach (
            var route in new[] { "/activity-executions/list", "/activity-execution-summaries/list" }
        )
            api.MapGet(
                route,
                (
                    Guid workflowInstanceId,
                    string? activityNodeId,
                    PresentedCredential by,
                    RunDesk desk,
                    CancellationToken c
                ) =>
                    desk.TellAsync(
                        by.Secret,
                        workflowInstanceId,
                        run =>
                        {
                            var items = run.Executions(activity =>
                                activityNodeId is null || activity.Node == activityNodeId
                            );
                            return new { items, count = items.Count };
                        },
                        c
                    )
            );
        api.MapGet(
            "/activity-executions/by-id",
            (string? id, PresentedCredential by, RunDesk desk, CancellationToken c) =>
                desk.TellAsync(
                    by.Secret,
                    Guid.TryParse(id?.Split(':')[0], out var instance) ? instance : Guid.Empty,
                    run => run.Executions(_ => true, id).FirstOrDefault(),
                    c
                )
        );
        api.MapPost(
            "/activity-executions/report",
            (JsonObject body, PresentedCredential by, RunDesk desk, CancellationToken c) =>
                desk.TellAsync(
                    by.Secret,
                    Guid.TryParse((string?)body["workflowInstanceId"], out var id)
                        ? id
                        : Guid.Empty,
                    run => run.Report(Texts(body["activityNodeIds"])),
                    c
                )
        );
    }

    static HashSet<string> Texts(JsonNode? list) =>
        list is JsonArray all ? [.. all.OfType<JsonValue>().Select(one => one.ToString())] : [];
}

/// <summary>Finds a run and the version that it follows, and tells something of it.</summary>
sealed class RunDesk(ShowWorkflow show, StudioDesk desk)
{
    public async Task<IResult> TellAsync(
        Secret secret,
        Guid instanceId,
        Func<StudioRun, object?> tell,
        CancellationToken cancellation
    )
    {
        var outcome = await show.RunAsync(secret, instanceId, cancellation);
        if (outcome is not Outcome<WorkflowStory>.Done { Value: var story })
            return outcome.Match(
                _ => Results.Empty,
                missing => StudioJson.No(404, $"There is no {missing}."),
                refusal => StudioJson.No(403, refusal.Reason)
            );
        var version = (await desk.ReadAsync(secret, story.Workflow.Definition, cancellation)).First(
            one => one.Entry.VersionId == story.Workflow.VersionId
        );
        return tell(new StudioRun(story, version)) is { } told
            ? StudioJson.Answer(told)
            : StudioJson.No(404, "There is no such execution of an activity.");
    }
}
