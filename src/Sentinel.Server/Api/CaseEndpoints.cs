using Sentinel.Psa.Approvals;
using Sentinel.Psa.Cases;
using Sentinel.Psa.Tasks;

namespace Sentinel.Server.Api;

/// <summary>Casework: each endpoint is one use case, and nothing is decided here.</summary>
static class CaseEndpoints
{
    public static void MapCases(this IEndpointRouteBuilder app)
    {
        app.MapPost(
            "/cases/{id:guid}/take",
            async (Guid id, Presented by, TakeCase take, CancellationToken cancellation) =>
                (await take.RunAsync(by.Secret, id, cancellation)).ToHttp()
        );
        app.MapPost(
            "/cases/{id:guid}/owner",
            async (Guid id, Owner to, Presented by, AssignCase assign, CancellationToken c) =>
                (await assign.RunAsync(by.Secret, id, to.UserId, c)).ToHttp()
        );
        app.MapPost(
            "/cases/{id:guid}/disposition",
            async (
                Guid id,
                Decision what,
                Presented by,
                DisposeCase dispose,
                CancellationToken c
            ) => (await dispose.RunAsync(by.Secret, id, what.Disposition, what.Reason, c)).ToHttp()
        );
        app.MapPost(
            "/cases/{id:guid}/resolution",
            async (Guid id, Presented by, ResolveCase resolve, CancellationToken cancellation) =>
                (await resolve.RunAsync(by.Secret, id, cancellation)).ToHttp()
        );
        app.MapPost(
            "/cases/{id:guid}/attestation",
            async (Guid id, Statement says, Presented by, AttestCase attest, CancellationToken c) =>
                (await attest.RunAsync(by.Secret, id, says.Text, c)).ToHttp()
        );
    }

    public static void MapTasks(this IEndpointRouteBuilder app)
    {
        app.MapPost(
            "/cases/{id:guid}/tasks",
            async (Guid id, NewTask task, Presented by, CreateTask create, CancellationToken c) =>
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
            async (Guid id, Owner to, Presented by, AssignTask assign, CancellationToken c) =>
                (await assign.RunAsync(by.Secret, id, to.UserId, c)).ToHttp()
        );
        app.MapPost(
            "/tasks/{id:guid}/start",
            async (Guid id, Presented by, StartTask start, CancellationToken cancellation) =>
                (await start.RunAsync(by.Secret, id, cancellation)).ToHttp()
        );
        app.MapPost(
            "/tasks/{id:guid}/actions",
            async (
                Guid id,
                Step step,
                Presented by,
                RecordTaskAction record,
                CancellationToken c
            ) =>
                (
                    await record.RunAsync(by.Secret, id, step.ActionType, step.Description, c)
                ).ToHttp()
        );
        app.MapPost(
            "/tasks/{id:guid}/complete",
            async (Guid id, Result of, Presented by, CompleteTask complete, CancellationToken c) =>
                (await complete.RunAsync(by.Secret, id, of.Text, c)).ToHttp()
        );
        app.MapPost(
            "/tasks/{id:guid}/cancellation",
            async (Guid id, Because of, Presented by, CancelTask cancel, CancellationToken c) =>
                (await cancel.RunAsync(by.Secret, id, of.Reason, c)).ToHttp()
        );
    }

    public static void MapApprovals(this IEndpointRouteBuilder app)
    {
        app.MapPost(
            "/cases/{id:guid}/approvals",
            async (Guid id, Question asked, Presented by, AskApproval ask, CancellationToken c) =>
                (await ask.RunAsync(by.Secret, id, asked.TaskId, asked.Request, c)).ToHttp()
        );
        app.MapPost(
            "/approvals/{id:guid}/decision",
            async (
                Guid id,
                Verdict says,
                Presented by,
                DecideApproval decide,
                CancellationToken c
            ) => (await decide.RunAsync(by.Secret, id, says.Decision, says.Reason, c)).ToHttp()
        );
    }
}

sealed record Owner(Guid UserId);

sealed record Decision(Disposition Disposition, string Reason);

sealed record Statement(string Text);

sealed record NewTask(string TaskType, string Description, Guid? AssignedTo);

sealed record Step(string ActionType, string Description);

sealed record Result(string? Text);

sealed record Because(string Reason);

sealed record Question(Guid? TaskId, string Request);

sealed record Verdict(ApprovalTrigger Decision, string Reason);
