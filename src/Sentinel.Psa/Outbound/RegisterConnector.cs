using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Outbound;

/// <param name="Name">One word of a to z, 0 to 9 and _, which tasks and workflows say.</param>
/// <param name="Kind">rmm, edr or scan; mail, webhook or chat.</param>
/// <param name="Url">https, or http where private addresses are allowed; smtps or smtp for mail.</param>
/// <param name="Sender">The address from which mail comes; for nothing else.</param>
public sealed record NewConnector(
    string Name,
    string Kind,
    string Url,
    bool AllowPrivate,
    string? Sender = null
);

/// <summary>What the other side is given: the secret under which both sign. It is said this once.</summary>
public sealed record RegisteredConnector(Guid Id, string Name, Secret Secret);

/// <summary>Names a system that can be asked to act. Its secret derives from the machines' key, so none is stored.</summary>
public sealed class RegisterConnector(
    SentinelDatabase database,
    MachineSecrets machines,
    TimeProvider clock
)
{
    const string Permission = "connector.manage";
    const int NameCharsMax = 50;
    const int UrlCharsMax = 500;

    public static IReadOnlyList<string> Kinds { get; } =
    ["rmm", "edr", "scan", Connector.Mail, Connector.Webhook, Connector.Chat];

    public Task<Outcome<RegisteredConnector>> RunAsync(
        Secret secret,
        NewConnector asked,
        CancellationToken cancellation
    ) =>
        AttemptStore.RunAsync(
            database.Psa,
            secret,
            new Deed("connector.register", "connector", null, null),
            work => InAsync(work, asked, cancellation),
            cancellation
        );

    async Task<Outcome<RegisteredConnector>> InAsync(
        PresentedTransaction work,
        NewConnector asked,
        CancellationToken cancellation
    )
    {
        var refusal =
            PermissionStore.UnlessPerson(work.Actor, Permission)
            ?? await PermissionStore.LackingAsync(work, Permission, cancellation)
            ?? Unfit(asked);
        if (refusal is not null)
            return new Outcome<RegisteredConnector>.Declined(refusal);
        if (await OutboundStore.ConnectorAsync(work, asked.Name, cancellation) is not null)
            return Declined("connector.known", $"a connector {asked.Name} is registered already");
        var now = clock.GetUtcNow();
        var connector = new Connector(
            Guid.CreateVersion7(now),
            asked.Name,
            asked.Kind,
            new Uri(asked.Url),
            asked.AllowPrivate,
            asked.Sender
        );
        await OutboundStore.InsertAsync(work, connector, now, cancellation);
        return new Outcome<RegisteredConnector>.Done(
            new RegisteredConnector(
                connector.Id,
                connector.Name,
                ConnectorSignature.SecretOf(machines, work.Actor.OrganisationId, connector.Name)
            )
        );
    }

    static Outcome<RegisteredConnector> Declined(string rule, string reason) =>
        new Outcome<RegisteredConnector>.Declined(Wrong(rule, reason));

    static RuleRefusal Wrong(string rule, string reason) =>
        new(rule, reason, "the same person, with what is asked for");

    static RuleRefusal? Unfit(NewConnector asked) =>
        asked.Name.Length is 0 or > NameCharsMax
        || asked.Name[0] is < 'a' or > 'z'
        || !asked.Name.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_')
            ? Wrong(
                "connector.name",
                $"a connector's name has 1 to {NameCharsMax} characters of a to z, 0 to 9 and _, and begins with a letter"
            )
        : !Kinds.Contains(asked.Kind)
            ? Wrong("connector.kind", $"a connector is one of {string.Join(", ", Kinds)}")
        : (asked.Kind == Connector.Mail) != (asked.Sender is not null)
        || asked.Sender is { } sender && !OutboundText.IsAddress(sender)
            ? Wrong(
                "connector.sender",
                "mail comes from one address, sender, and nothing else has one"
            )
        : !IsAddress(asked)
            ? Wrong(
                "connector.url",
                asked.Kind == Connector.Mail
                    ? "a mail server's url is smtps://HOST or smtp://HOST, with a port where it is another, and holds no password"
                    : "a connector's url begins with https:// and holds no password; http:// is for private addresses alone"
            )
        : null;

    static bool IsAddress(NewConnector asked) =>
        asked.Url.Length <= UrlCharsMax
        && Uri.TryCreate(asked.Url, UriKind.Absolute, out var url)
        && url.UserInfo.Length == 0
        && (
            asked.Kind == Connector.Mail
                ? url.Scheme is "smtp" or "smtps"
                : url.Scheme == Uri.UriSchemeHttps
                    || url.Scheme == Uri.UriSchemeHttp && asked.AllowPrivate
        );
}
