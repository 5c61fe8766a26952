using Sentinel.Psa.Glass;
using Sentinel.Psa.Organisations;

namespace Sentinel.Server.Api;

/// <summary>Who may act in whose name, with which role, and what is taken in an emergency.</summary>
static class GovernanceEndpoints
{
    // More than any of them may last, and less than what a time span overflows at.
    const int HoursMax = 100_000;

    public static void MapGovernance(this IEndpointRouteBuilder app)
    {
        app.MapPost(
            "/users/{id:guid}/roles",
            async (
                Guid id,
                RoleBody its,
                PresentedCredential by,
                GiveRole give,
                CancellationToken c
            ) => (await give.RunAsync(by.Secret, id, its.Role, c)).ToHttp()
        );
        app.MapPost(
            "/users/{id:guid}/roles/end",
            async (
                Guid id,
                RoleBody its,
                PresentedCredential by,
                EndRole end,
                CancellationToken c
            ) => (await end.RunAsync(by.Secret, id, its.Role, c)).ToHttp()
        );
        app.MapPost(
            "/users/{id:guid}/status",
            async (
                Guid id,
                StatusBody its,
                PresentedCredential by,
                SetUserStatus set,
                CancellationToken c
            ) => (await set.RunAsync(by.Secret, id, its.Active, c)).ToHttp()
        );
        app.MapPost(
            "/users/{id:guid}/holders",
            async (
                Guid id,
                HolderBody who,
                PresentedCredential by,
                HoldAccount hold,
                CancellationToken c
            ) => (await hold.RunAsync(by.Secret, id, who.PersonId, who.Reason, c)).ToHttp()
        );
        app.MapPost(
            "/users/{id:guid}/impersonation",
            async (
                Guid id,
                HoursBody of,
                PresentedCredential by,
                ImpersonateUser impersonate,
                CancellationToken c
            ) =>
                (await impersonate.RunAsync(by.Secret, id, Hours(of.Hours), of.Reason, c)).ToToken()
        );
        app.MapPost(
            "/credentials/{id:guid}/revocation",
            async (
                Guid id,
                ReasonBody of,
                PresentedCredential by,
                RevokeCredential revoke,
                CancellationToken c
            ) => (await revoke.RunAsync(by.Secret, id, of.Reason, c)).ToHttp()
        );
    }

    public static void MapDelegations(this IEndpointRouteBuilder app)
    {
        app.MapGet(
            "/delegations",
            async (PresentedCredential by, ListDelegations list, CancellationToken c) =>
                (await list.RunAsync(by.Secret, c)).ToHttp()
        );
        app.MapPost(
            "/delegations",
            async (
                DelegationBody to,
                PresentedCredential by,
                DelegateDuties give,
                CancellationToken c
            ) =>
                (
                    await give.RunAsync(by.Secret, to.DelegateId, Hours(to.Hours), to.Reason, c)
                ).ToHttp()
        );
        app.MapPost(
            "/delegations/{id:guid}/end",
            async (Guid id, PresentedCredential by, EndDelegation end, CancellationToken c) =>
                (await end.RunAsync(by.Secret, id, c)).ToHttp()
        );
        app.MapGlass();
    }

    static void MapGlass(this IEndpointRouteBuilder app)
    {
        app.MapGet(
            "/glass",
            async (PresentedCredential by, ListGlass list, CancellationToken c) =>
                (await list.RunAsync(by.Secret, c)).ToHttp()
        );
        app.MapPost(
            "/glass",
            async (GlassBody of, PresentedCredential by, BreakGlass glass, CancellationToken c) =>
                (await glass.RunAsync(by.Secret, of.Permission, of.Minutes, of.Reason, c)).ToHttp()
        );
        app.MapPost(
            "/glass/{id:guid}/mend",
            async (Guid id, PresentedCredential by, MendGlass mend, CancellationToken c) =>
                (await mend.RunAsync(by.Secret, id, c)).ToHttp()
        );
        app.MapPost(
            "/glass/{id:guid}/review",
            async (
                Guid id,
                ReviewBody says,
                PresentedCredential by,
                ReviewGlass review,
                CancellationToken c
            ) => (await review.RunAsync(by.Secret, id, says.Justified, says.Review, c)).ToHttp()
        );
    }

    static TimeSpan Hours(int hours) => TimeSpan.FromHours(Math.Clamp(hours, -1, HoursMax));
}

sealed record RoleBody(string Role);

sealed record StatusBody(bool Active);

sealed record HolderBody(Guid PersonId, string Reason);

sealed record HoursBody(int Hours, string Reason);

sealed record DelegationBody(Guid DelegateId, int Hours, string Reason);

sealed record GlassBody(string Permission, int Minutes, string Reason);

sealed record ReviewBody(bool Justified, string Review);
