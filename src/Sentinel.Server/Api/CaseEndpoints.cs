using Sentinel.Psa.Approvals;
using Sentinel.Psa.Cases;
using Sentinel.Psa.Intake;
using Sentinel.Psa.Ownership;
using Sentinel.Psa.Search;
using Sentinel.Psa.Stories;
using Sentinel.Psa.Tasks;

namespace Sentinel.Server.Api;

/// <summary>Casework: each endpoint is one use case, and nothing is decided here.</summary>
static class CaseEndpoints
{
    public static void MapCases(this IEndpointRouteBuilder app)
    {
        app.MapGet(
            "/cases",
            async (
                [AsParameters] CaseQuery asked,
                PresentedCredential by,
                ListCases list,
                CancellationToken c
            ) => (await list.RunAsync(by.Secret, asked.Filter, asked.Before, c)).ToHttp()
        );
        app.MapPost(
            "/cases",
            async (
                CaseBody what,
                PresentedCredential by,
                OpenCaseByHand open,
                CancellationToken c
            ) => (await open.RunAsync(by.Secret, what.Asked, c)).ToHttp()
        );
        app.MapGet(
            "/cases/search",
            async (string words, PresentedCredential by, SearchCases search, CancellationToken c) =>
                (await search.RunAsync(by.Secret, words, c)).ToHttp()
        );
        app.MapGet(
            "/cases/{id:guid}",
            async (
                Guid id,
                PresentedCredential by,
                ShowCase show,
                CancellationToken cancellation
            ) => (await show.RunAsync(by.Secret, id, cancellation)).ToHttp()
        );
    }

    public static void MapCaseWork(this IEndpointRouteBuilder app)
    {
        app.MapPost(
            "/cases/{id:guid}/take",
            async (
                Guid id,
                PresentedCredential by,
                TakeCase take,
                CancellationToken cancellation
            ) => (await take.RunAsync(by.Secret, id, cancellation)).ToHttp()
        );
        app.MapPost(
            "/cases/{id:guid}/owner",
            async (
                Guid id,
                NextOwner next,
                PresentedCredential by,
                AssignCase assign,
                CancellationToken c
            ) => (await assign.RunAsync(by.Secret, id, next, c)).ToHttp()
        );
        app.MapPost(
            "/cases/{id:guid}/severity",
            async (
                Guid id,
                SeverityBody what,
                PresentedCredential by,
                SetSeverity set,
                CancellationToken c
            ) => (await set.RunAsync(by.Secret, id, what.Severity, what.Reason, c)).ToHttp()
        );
        app.MapPost(
            "/cases/{id:guid}/disposition",
            async (
                Guid id,
                DispositionBody what,
                PresentedCredential by,
                DisposeCase dispose,
                CancellationToken c
            ) => (await dispose.RunAsync(by.Secret, id, what.Disposition, what.Reason, c)).ToHttp()
        );
        app.MapPost(
            "/cases/{id:guid}/resolution",
            async (
                Guid id,
                PresentedCredential by,
                ResolveCase resolve,
                CancellationToken cancellation
            ) => (await resolve.RunAsync(by.Secret, id, cancellation)).ToHttp()
        );
    }

    public static void MapClosing(this IEndpointRouteBuilder app)
    {
        app.MapPost(
            "/cases/{id:guid}/attestation",
            async (
                Guid id,
                StatementBody says,
                PresentedCredential by,
                AttestCase attest,
                CancellationToken c
            ) => (await attest.RunAsync(by.Secret, id, says.Text, c)).ToHttp()
        );
        app.MapPost(
            "/cases/{id:guid}/closure",
            async (
                Guid id,
                PresentedCredential by,
                CloseCase close,
                CancellationToken cancellation
            ) => (await close.RunAsync(by.Secret, id, cancellation)).ToHttp()
        );
        app.MapGet(
            "/cases/{id:guid}/verification",
            async (
                Guid id,
                PresentedCredential by,
                VerifyCase verify,
                CancellationToken cancellation
            ) => (await verify.RunAsync(by.Secret, id, cancellation)).ToHttp()
        );
    }

    public static void MapTasks(this IEndpointRouteBuilder app)
    {
        app.MapGet(
            "/tasks",
            async (
                bool? mine,
                bool? open,
                Guid? before,
                PresentedCredential by,
                ListTasks list,
                CancellationToken c
            ) =>
                (
                    await list.RunAsync(
                        by.Secret,
                        new TaskFilter(mine ?? false, open ?? false),
                        before,
                        c
                    )
                ).ToHttp()
        );
        app.MapGet(
            "/tasks/{id:guid}",
            async (Guid id, PresentedCredential by, ShowTask show, CancellationToken c) =>
                (await show.RunAsync(by.Secret, id, c)).ToHttp()
        );
        app.MapPost(
            "/cases/{id:guid}/tasks",
            async (
                Guid id,
                TaskBody task,
                PresentedCredential by,
                CreateTask create,
                CancellationToken c
            ) =>
                (
                    await create.RunAsync(
                        by.Secret,
                        id,
                        task.TaskType,
                        task.Description,
                        task.AssignedTo,
                        c
                    )
                ).ToHttp()
        );
        app.MapPost(
            "/tasks/{id:guid}/assignee",
            async (
                Guid id,
                OwnerBody to,
                PresentedCredential by,
                AssignTask assign,
                CancellationToken c
            ) => (await assign.RunAsync(by.Secret, id, to.UserId, c)).ToHttp()
        );
    }

    public static void MapTaskWork(this IEndpointRouteBuilder app)
    {
        app.MapPost(
            "/tasks/{id:guid}/start",
            async (
                Guid id,
                PresentedCredential by,
                StartTask start,
                CancellationToken cancellation
            ) => (await start.RunAsync(by.Secret, id, cancellation)).ToHttp()
        );
        app.MapPost(
            "/tasks/{id:guid}/actions",
            async (
                Guid id,
                ActionBody step,
                PresentedCredential by,
                RecordTaskAction record,
                CancellationToken c
            ) =>
                (
                    await record.RunAsync(by.Secret, id, step.ActionType, step.Description, c)
                ).ToHttp()
        );
        app.MapPost(
            "/tasks/{id:guid}/complete",
            async (
                Guid id,
                ResultBody of,
                PresentedCredential by,
                CompleteTask complete,
                CancellationToken c
            ) => (await complete.RunAsync(by.Secret, id, of.Text, c)).ToHttp()
        );
        app.MapPost(
            "/tasks/{id:guid}/cancellation",
            async (
                Guid id,
                ReasonBody of,
                PresentedCredential by,
                CancelTask cancel,
                CancellationToken c
            ) => (await cancel.RunAsync(by.Secret, id, of.Reason, c)).ToHttp()
        );
    }

    public static void MapApprovals(this IEndpointRouteBuilder app)
    {
        app.MapPost(
            "/cases/{id:guid}/approvals",
            async (
                Guid id,
                QuestionBody asked,
                PresentedCredential by,
                AskApproval ask,
                CancellationToken c
            ) => (await ask.RunAsync(by.Secret, id, asked.TaskId, asked.Request, c)).ToHttp()
        );
        app.MapPost(
            "/approvals/{id:guid}/decision",
            async (
                Guid id,
                VerdictBody says,
                PresentedCredential by,
                DecideApproval decide,
                CancellationToken c
            ) => (await decide.RunAsync(by.Secret, id, says.Decision, says.Reason, c)).ToHttp()
        );
    }
}

/// <summary>Which cases, from the address.</summary>
sealed record CaseQuery(
    QueryWord<CaseState>? Status,
    string? Type,
    string? Queue,
    Guid? Owner,
    string? Tag,
    bool? Mine,
    bool? Watched,
    long? Before
)
{
    public CaseFilter Filter =>
        new(Status?.Value, Type, Queue, Owner, Tag, Mine ?? false, Watched ?? false);
}

sealed record CaseBody(
    string CaseType,
    int Severity,
    string Summary,
    IReadOnlyList<Guid>? AssetIds,
    string? Queue,
    Guid? FollowsOn
)
{
    public CaseByHand Asked =>
        new(CaseType, Severity, Summary, AssetIds ?? [], Queue, new([], []), FollowsOn);
}

sealed record SeverityBody(int Severity, string Reason);

sealed record OwnerBody(Guid UserId);

sealed record DispositionBody(Disposition Disposition, string Reason);

sealed record StatementBody(string Text);

sealed record TaskBody(string TaskType, string Description, Guid? AssignedTo);

sealed record ActionBody(string ActionType, string Description);

sealed record ResultBody(string? Text);

sealed record ReasonBody(string Reason);

sealed record QuestionBody(Guid? TaskId, string Request);

sealed record VerdictBody(ApprovalTrigger Decision, string Reason);
