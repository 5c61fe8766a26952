using Sentinel.Psa.Assets;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Organisations;

namespace Sentinel.Server.Api;

/// <summary>Who may ask, and under what.</summary>
static class PeopleEndpoints
{
    // More than any credential may be valid for, and less than what a time span overflows at.
    const int DaysMax = 100_000;

    public static void MapPeople(this IEndpointRouteBuilder app)
    {
        app.MapGet(
            "/me",
            async (PresentedCredential by, WhoIsAsking who, CancellationToken cancellation) =>
                Results.Ok(await who.RunAsync(by.Secret, cancellation))
        );
        app.MapUsers();
        app.MapRoles();
        app.MapAssets();
    }

    static void MapUsers(this IEndpointRouteBuilder app)
    {
        app.MapGet(
            "/users",
            async (PresentedCredential by, ListUsers list, CancellationToken c) =>
                (await list.RunAsync(by.Secret, c)).ToHttp()
        );
        app.MapPost(
            "/users",
            async (UserBody user, PresentedCredential by, CreateUser create, CancellationToken c) =>
                (
                    await create.RunAsync(by.Secret, user.Email, user.DisplayName, user.Roles, c)
                ).ToHttp()
        );
        app.MapGet(
            "/users/{id:guid}/credentials",
            async (Guid id, PresentedCredential by, ListCredentials list, CancellationToken c) =>
                (await list.RunAsync(by.Secret, id, c)).ToHttp()
        );
        app.MapPost(
            "/users/{id:guid}/credentials",
            async (
                Guid id,
                TokenBody of,
                PresentedCredential by,
                IssueCredential issue,
                CancellationToken c
            ) =>
                (
                    await issue.RunAsync(
                        by.Secret,
                        of.OnBehalfOf is { } delegator
                            ? new CredentialHolder.ForDelegate(id, delegator)
                            : new CredentialHolder.ForPerson(id),
                        DaysOf(of.Days),
                        c
                    )
                ).ToToken()
        );
    }

    static void MapRoles(this IEndpointRouteBuilder app)
    {
        app.MapGet(
            "/roles",
            async (PresentedCredential by, ListRoles list, CancellationToken c) =>
                (await list.RunAsync(by.Secret, c)).ToHttp()
        );
        app.MapPost(
            "/roles",
            async (
                NewRoleBody role,
                PresentedCredential by,
                CreateRole create,
                CancellationToken c
            ) =>
                (
                    await create.RunAsync(by.Secret, role.Name, role.Scope, role.Permissions, c)
                ).ToHttp()
        );
    }

    static void MapAssets(this IEndpointRouteBuilder app)
    {
        app.MapGet(
            "/assets",
            async (
                string? named,
                Guid? after,
                PresentedCredential by,
                ListAssets list,
                CancellationToken c
            ) => (await list.RunAsync(by.Secret, named, after, c)).ToHttp()
        );
        app.MapPost(
            "/assets",
            async (
                NewAsset asset,
                PresentedCredential by,
                RegisterAsset register,
                CancellationToken c
            ) => (await register.RunAsync(by.Secret, asset, c)).ToHttp()
        );
        app.MapPost(
            "/assets/{id:guid}/retirement",
            async (Guid id, PresentedCredential by, RetireAsset retire, CancellationToken c) =>
                (await retire.RunAsync(by.Secret, id, c)).ToHttp()
        );
    }

    internal static TimeSpan DaysOf(int days) => TimeSpan.FromDays(Math.Clamp(days, -1, DaysMax));

    // The only time that a secret is said: what is stored is its hash.
    internal static IResult ToToken(this Outcome<IssuedCredential> outcome) =>
        outcome is Outcome<IssuedCredential>.Done({ } issued)
            ? Results.Ok(
                new
                {
                    issued.Id,
                    Token = issued.Secret.Value,
                    issued.ExpiresAt,
                }
            )
            : outcome.ToHttp();
}

sealed record UserBody(string Email, string DisplayName, IReadOnlyList<string> Roles);

/// <param name="OnBehalfOf">In whose name it acts besides: somebody who delegated to the user.</param>
sealed record TokenBody(int Days, Guid? OnBehalfOf = null);

sealed record ValidityBody(int Days);

sealed record NewRoleBody(string Name, string Scope, IReadOnlyList<string> Permissions);
