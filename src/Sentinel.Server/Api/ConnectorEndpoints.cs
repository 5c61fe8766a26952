using System.Text.Json.Nodes;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Outbound;

namespace Sentinel.Server.Api;

/// <summary>Systems that can be asked to act, what was asked of them, and what they say of it.</summary>
static class ConnectorEndpoints
{
    const int OutcomeBytesMax = 16 * 1024 * 1024;

    public static void MapConnectors(this IEndpointRouteBuilder app)
    {
        app.MapGet(
            "/connectors",
            async (PresentedCredential by, ListConnectors list, CancellationToken c) =>
                (await list.RunAsync(by.Secret, c)).ToHttp()
        );
        app.MapPost(
            "/connectors",
            async (
                NewConnector connector,
                PresentedCredential by,
                RegisterConnector register,
                CancellationToken c
            ) => (await register.RunAsync(by.Secret, connector, c)).ToSecret()
        );
        app.MapPost(
            "/tasks/{id:guid}/outbound",
            async (
                Guid id,
                OutboundBody asked,
                PresentedCredential by,
                AskConnector ask,
                CancellationToken c
            ) =>
                (
                    await ask.RunAsync(
                        by.Secret,
                        id,
                        new AskedConnector(
                            asked.Connector,
                            asked.Action,
                            asked.Arguments ?? [],
                            TimeSpan.FromMinutes(Math.Clamp(asked.Minutes, 0, MinutesMax))
                        ),
                        c
                    )
                ).ToHttp()
        );
        app.MapGet(
            "/cases/{id:guid}/outbound",
            async (Guid id, PresentedCredential by, ListOutbound list, CancellationToken c) =>
                (await list.RunAsync(by.Secret, id, c)).ToHttp()
        );
        app.MapOutcomes();
    }

    // The only time that a secret is said: it derives from a key, and is stored nowhere.
    static IResult ToSecret(this Outcome<RegisteredConnector> outcome) =>
        outcome is Outcome<RegisteredConnector>.Done({ } registered)
            ? Results.Ok(
                new
                {
                    registered.Id,
                    registered.Name,
                    Secret = registered.Secret.Value,
                }
            )
            : outcome.ToHttp();

    // More than a connector may have, and less than what a time span overflows at.
    const int MinutesMax = 1_000_000;

    // No credential: who sends it is what its signature says.
    static void MapOutcomes(this IEndpointRouteBuilder app) =>
        app.MapPost(
            "/organisations/{organisation:guid}/outbound/{id:guid}/outcome",
            async (
                Guid organisation,
                Guid id,
                PresentedSignature signed,
                Stream body,
                ReceiveOutcome receive,
                CancellationToken c
            ) =>
                await BoundedBody.ReadAsync(body, OutcomeBytesMax, c) is { } bytes
                    ? (
                        await receive.RunAsync(
                            organisation,
                            id,
                            new SignedOutcome(signed.Time, signed.Signature, bytes),
                            c
                        )
                    ).ToHttp()
                    : HttpAnswers.Refused(
                        "outbound.size",
                        $"an outcome has at most {OutcomeBytesMax} bytes"
                    )
        );
}

/// <param name="Minutes">How long the connector has.</param>
sealed record OutboundBody(string Connector, string Action, JsonObject? Arguments, int Minutes);
