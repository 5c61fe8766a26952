using System.Text;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Evidence;

namespace Sentinel.Psa.Outbound;

/// <summary>What a connector sends back, with both headers of its signature.</summary>
/// <param name="Body">Exactly as it came: it is what was signed.</param>
public sealed record SignedOutcome(string Time, string Signature, ReadOnlyMemory<byte> Body);

/// <summary>
/// Takes what a connector says of a request: the result becomes a step of the task, the output evidence. Only
/// its signature says who it is. The same outcome again changes nothing; another one is refused.
/// </summary>
public sealed class ReceiveOutcome(
    SentinelDatabase database,
    MachineSecrets machines,
    EvidenceObjects objects,
    TimeProvider clock
)
{
    public async Task<Outcome<OutboundAction>> RunAsync(
        Guid organisationId,
        Guid id,
        SignedOutcome signed,
        CancellationToken cancellation
    )
    {
        try
        {
            return await AttemptStore.RunAsync(
                database.Psa,
                machines.For(organisationId, "workflow"),
                new Deed("outbound.outcome", "outbound", id, null),
                work => InAsync(work, id, signed, cancellation),
                cancellation
            );
        }
        catch (CredentialRefusedException)
        {
            // Whether there is such an organisation is nothing that a stranger is told.
            return new Outcome<OutboundAction>.NotFound($"outbound {id}");
        }
    }

    async Task<Outcome<OutboundAction>> InAsync(
        PresentedTransaction work,
        Guid id,
        SignedOutcome signed,
        CancellationToken cancellation
    )
    {
        if (await OutboundStore.LockAsync(work, id, cancellation) is not { } action)
            return new Outcome<OutboundAction>.NotFound($"outbound {id}");
        var connector = await OutboundStore.ConnectorAsync(work, action.ConnectorId, cancellation);
        var secret = ConnectorSignature.SecretOf(
            machines,
            work.Actor.OrganisationId,
            connector.Name
        );
        var now = clock.GetUtcNow();
        if (!ConnectorSignature.Holds(secret, signed.Time, signed.Signature, signed.Body.Span, now))
            return Declined(
                "outbound.signature",
                "the signature does not hold, or its time is more than 5 minutes from ours",
                "the connector that was asked, with the secret that it was given"
            );
        if (ConnectorOutcome.Read(signed.Body) is not { } outcome)
            return Declined(
                "outbound.outcome",
                "an outcome is a JSON object with status succeeded or failed, and detail and output as texts",
                "the same connector, with such an object"
            );
        if (action.EndedAt is not null)
            return action.Status == outcome.State && action.Outcome == outcome.Detail
                ? new Outcome<OutboundAction>.Done(action)
                : Declined(
                    "outbound.ended",
                    $"it ended before, as {action.Status.Word()}",
                    "nobody: it is asked again where it is needed again"
                );
        var evidence = outcome.Output is { } output
            ? await AttachAsync(work, action, connector, output, now, cancellation)
            : (Guid?)null;
        return new Outcome<OutboundAction>.Done(
            await OutboundEnds.EndAsync(
                work,
                action,
                outcome.State,
                outcome.Detail,
                evidence,
                now,
                cancellation
            )
        );
    }

    async Task<Guid> AttachAsync(
        PresentedTransaction work,
        OutboundAction action,
        Connector connector,
        string output,
        DateTimeOffset now,
        CancellationToken cancellation
    )
    {
        var stored = await objects.StoreAsync(
            new MemoryStream(Encoding.UTF8.GetBytes(output)),
            cancellation
        );
        var item = new EvidenceItem(
            Guid.CreateVersion7(now),
            action.CaseId,
            "log",
            SourceOf(connector.Kind),
            $"What {connector.Name} said of {action.Action}",
            stored.Hash,
            stored.Uri,
            stored.SizeBytes,
            work.Actor.Id,
            now
        );
        await EvidenceStore.InsertAsync(work, item, cancellation);
        await EvidenceSignal.SendAsync(work, item, cancellation);
        return item.Id;
    }

    /// <summary>The module that a kind of connector belongs to.</summary>
    static string SourceOf(string kind) => kind == "scan" ? "vulnerability" : kind;

    static Outcome<OutboundAction> Declined(string rule, string reason, string instead) =>
        new Outcome<OutboundAction>.Declined(new RuleRefusal(rule, reason, instead));
}
