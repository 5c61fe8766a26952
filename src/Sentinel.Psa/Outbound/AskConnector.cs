using System.Text.Json.Nodes;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Tasks;

namespace Sentinel.Psa.Outbound;

/// <param name="Connector">Its name.</param>
/// <param name="Action">One word that the connector knows.</param>
/// <param name="Arguments">At most 64 KiB of JSON.</param>
/// <param name="Within">How long it has, from 1 minute to 7 days.</param>
public sealed record AskedConnector(
    string Connector,
    string Action,
    JsonObject Arguments,
    TimeSpan Within
);

/// <summary>
/// Asks a connector to act for a task that runs. The row is all that is written here; the request goes out
/// when the row is there, and whoever asked has worked in the case.
/// </summary>
public sealed class AskConnector(SentinelDatabase database, TimeProvider clock)
{
    const int ArgumentsCharsMax = 32 * 1024;

    static readonly TimeSpan withinMin = TimeSpan.FromMinutes(1);
    static readonly TimeSpan withinMax = TimeSpan.FromDays(7);

    public Task<Outcome<OutboundAction>> RunAsync(
        Secret secret,
        Guid taskId,
        AskedConnector asked,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("outbound.ask", "task", taskId, null),
            work => InAsync(work, taskId, asked, clock.GetUtcNow(), cancellation),
            cancellation
        );

    internal static async Task<Outcome<OutboundAction>> InAsync(
        PresentedTransaction work,
        Guid taskId,
        AskedConnector asked,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        if (Unfit(asked) is { } unfit)
            return new Outcome<OutboundAction>.Declined(unfit);
        if (
            await OutboundStore.ConnectorAsync(work, asked.Connector, cancellation)
            is not { } connector
        )
            return new Outcome<OutboundAction>.NotFound($"connector {asked.Connector}");
        // The action is part of the task's own story, under the name of whoever asked.
        var recorded = await RecordTaskAction.InAsync(
            work,
            taskId,
            "asked",
            $"Asked {connector.Name} to {asked.Action}",
            now,
            cancellation
        );
        if (recorded is not Outcome<TaskAction>.Done)
            return recorded.Match<Outcome<OutboundAction>>(
                _ => throw new System.Diagnostics.UnreachableException(),
                missing => new Outcome<OutboundAction>.NotFound(missing),
                refusal => new Outcome<OutboundAction>.Declined(refusal)
            );
        var task = (await CaseTaskStore.FindAsync(work, taskId, cancellation))!;
        var action = OutboundAction.Asked(
            task.CaseId,
            taskId,
            connector,
            asked.Action,
            asked.Arguments,
            work.Actor.Id,
            now,
            asked.Within
        );
        await OutboundStore.InsertAsync(work, action, cancellation);
        return new Outcome<OutboundAction>.Done(action);
    }

    internal static RuleRefusal? Unfit(AskedConnector asked) =>
        TextGiven.NotAWord("outbound.action", "action of a connector", asked.Action)
        ?? (
            asked.Arguments.ToJsonString() is var text
            && (
                text.Length > ArgumentsCharsMax
                || text.Contains(@"\u0000", StringComparison.Ordinal)
            )
                ? new RuleRefusal(
                    "outbound.arguments",
                    $"arguments are at most {ArgumentsCharsMax} characters of JSON without U+0000",
                    "the same person, with less"
                )
            : asked.Within < withinMin || asked.Within > withinMax
                ? new RuleRefusal(
                    "outbound.within",
                    "a connector has from 1 minute to 7 days",
                    "the same person, with a time in between"
                )
            : null
        );
}
