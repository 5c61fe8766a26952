using System.Text.Json;
using System.Text.Json.Nodes;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Outbound;

/// <param name="Channel">The name of a connector that takes messages.</param>
/// <param name="To">For mail, 1 to 50 addresses; for anything else, none.</param>
/// <param name="Subject">One line of 1 to 200 characters.</param>
/// <param name="Data">Kept with it; null where there is none.</param>
/// <param name="Within">How long it is tried, from 1 minute to 7 days.</param>
sealed record NewMessage(
    string Channel,
    IReadOnlyList<string> To,
    string Subject,
    string Text,
    JsonElement? Data,
    TimeSpan Within
);

/// <summary>Has a message sent about a case: the row is written here, and goes out when it is committed.</summary>
static class AskMessage
{
    const string Action = "notify";
    const int AddressesMax = 50;
    const int SubjectCharsMax = 200;

    public static async Task<Outcome<OutboundAction>> InAsync(
        PresentedTransaction work,
        Guid caseId,
        NewMessage asked,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var connector = await OutboundStore.ConnectorAsync(work, asked.Channel, cancellation);
        if (connector is not { TakesMessages: true })
            return new Outcome<OutboundAction>.NotFound(
                $"channel '{asked.Channel}': an administrator registers it as mail, webhook or chat"
            );
        JsonObject arguments = new() { ["subject"] = asked.Subject };
        if (asked.Text.Length > 0)
            arguments["text"] = asked.Text;
        if (asked.To.Count > 0)
            arguments["to"] = new JsonArray([.. asked.To.Select(one => JsonValue.Create(one))]);
        if (asked.Data is { } data)
            arguments["data"] = JsonNode.Parse(data.GetRawText());
        var refusal =
            Unfit(connector, asked)
            ?? AskConnector.Unfit(
                new AskedConnector(asked.Channel, Action, arguments, asked.Within)
            );
        if (refusal is not null)
            return new Outcome<OutboundAction>.Declined(refusal);
        var action = OutboundAction.Asked(
            caseId,
            null,
            connector,
            Action,
            arguments,
            work.Actor.Id,
            now,
            asked.Within
        );
        await OutboundStore.InsertAsync(work, action, cancellation);
        return new Outcome<OutboundAction>.Done(action);
    }

    static RuleRefusal? Unfit(Connector connector, NewMessage asked)
    {
        if (
            asked.Subject.Length is 0 or > SubjectCharsMax
            || asked.Subject.AsSpan().IndexOfAny('\r', '\n', '\0') >= 0
        )
            return Wrong(
                "message.subject",
                $"a subject is one line of 1 to {SubjectCharsMax} characters"
            );
        if (connector.Kind != Connector.Mail)
            return asked.To.Count == 0
                ? null
                : Wrong(
                    "message.to",
                    $"{connector.Name} is no mail: what it is sent goes to nobody else"
                );
        if (asked.To.Count is 0 or > AddressesMax)
            return Wrong("message.to", $"mail goes to 1 to {AddressesMax} addresses");
        return asked.To.FirstOrDefault(one => !OutboundText.IsAddress(one)) is { } bad
            ? Wrong("message.to", $"'{bad}' is no mail address")
            : null;
    }

    static RuleRefusal Wrong(string rule, string reason) =>
        new(rule, reason, "whoever drew the workflow, with what is asked for");
}
