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
        app.MapPost(
            "/users",
            async (UserBody user, PresentedCredential by, CreateUser create, CancellationToken c) =>
                (
                    await create.RunAsync(by.Secret, user.Email, user.DisplayName, user.Roles, c)
                ).ToHttp()
        );
        app.MapPost(
            "/users/{id:guid}/credentials",
            async (
                Guid id,
                ValidityBody valid,
                PresentedCredential by,
                IssueCredential issue,
                CancellationToken c
            ) =>
                (
                    await issue.RunAsync(
                        by.Secret,
                        new CredentialHolder.ForPerson(id),
                        DaysOf(valid),
                        c
                    )
                ).ToToken()
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
    }

    internal static TimeSpan DaysOf(ValidityBody valid) =>
        TimeSpan.FromDays(Math.Clamp(valid.Days, -1, DaysMax));

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

sealed record ValidityBody(int Days);
