using Sentinel.Policies.Model;
using Sentinel.Policies.Store;

namespace Sentinel.Server.Api;

/// <summary>Policies as governed records: published by one person, approved by another, readable for ever.</summary>
static class PolicyEndpoints
{
    public static void MapPolicies(this IEndpointRouteBuilder app)
    {
        app.MapGet(
            "/policies",
            async (
                string? path,
                PresentedCredential by,
                ReadPolicyHistory read,
                CancellationToken c
            ) => Results.Ok((await read.RunAsync(by.Secret, path, c)).Select(PolicyBody.Of))
        );
        app.MapGet(
            "/policies/{sha256}",
            async (
                string sha256,
                PresentedCredential by,
                ReadPolicyHistory read,
                CancellationToken c
            ) =>
                (await read.RunAsync(by.Secret, null, c)).FirstOrDefault(v =>
                    v.Text.Sha256 == sha256
                )
                    is { } version
                    ? Results.Text(version.Text.Text)
                    : Results.NotFound()
        );
        app.MapPost(
            "/policies",
            async (
                PublicationBody body,
                PresentedCredential by,
                PublishPolicies publish,
                CancellationToken c
            ) =>
                ToHttp(
                    await publish.RunAsync(
                        by.Secret,
                        new Publication(
                            [.. body.Files.Select(file => new PolicyText(file.Path, file.Text))],
                            body.Reason,
                            body.Whole
                        ),
                        c
                    )
                )
        );
        app.MapPost(
            "/policies/approvals",
            async (
                PolicyApprovalBody body,
                PresentedCredential by,
                ApprovePolicies approve,
                CancellationToken c
            ) => ToHttp(await approve.RunAsync(by.Secret, body.VersionIds, body.Reason, c))
        );
    }

    static IResult ToHttp(PublishPoliciesOutcome outcome) =>
        outcome switch
        {
            PublishPoliciesOutcome.Published published => Results.Ok(
                new
                {
                    versions = published.Versions.Select(PolicyBody.Of),
                    published.Added,
                    published.Changed,
                    published.Withdrawn,
                    published.Unchanged,
                }
            ),
            PublishPoliciesOutcome.Rejected rejected => Results.UnprocessableEntity(
                rejected.Diagnostics
            ),
            PublishPoliciesOutcome.Refused refused => HttpAnswers.Refused(
                refused.Rule,
                refused.Reason
            ),
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    static IResult ToHttp(ApprovePoliciesOutcome outcome) =>
        outcome switch
        {
            ApprovePoliciesOutcome.Approved approved => Results.Ok(
                approved.Versions.Select(PolicyBody.Of)
            ),
            ApprovePoliciesOutcome.NotFound => Results.NotFound(),
            ApprovePoliciesOutcome.Rejected rejected => Results.UnprocessableEntity(
                rejected.Diagnostics
            ),
            ApprovePoliciesOutcome.Refused refused => HttpAnswers.Refused(
                refused.Rule,
                refused.Reason
            ),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
}

sealed record PolicyFileBody(string Path, string Text);

sealed record PublicationBody(
    IReadOnlyList<PolicyFileBody> Files,
    string Reason,
    bool Whole = false
);

sealed record PolicyApprovalBody(IReadOnlyList<Guid> VersionIds, string Reason);

sealed record PolicyBody(
    Guid Id,
    string Path,
    int Version,
    string Sha256,
    string? LogicSha256,
    bool Active,
    Guid Author,
    string? Reason,
    DateTimeOffset CreatedAt,
    PolicyApproval? Approval
)
{
    public static PolicyBody Of(PolicyVersion version) =>
        new(
            version.Id,
            version.Text.Path,
            version.Version,
            version.Text.Sha256,
            version.LogicSha256,
            version.Active,
            version.Author,
            version.Reason,
            version.CreatedAt,
            version.ApprovalMade
        );
}
